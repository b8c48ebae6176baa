// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.util.ResourceLeakDetector;
import java.util.function.Consumer;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;

/** Whatever happens to the receive buffers, in whatever order, they are as a {@link ReceiveModel} says they should be. */
class ReceiveBuffersModelTest {
    private static final int STEPS = 120;
    private static final int MAX_BUFFER_SIZE = 3000;

    private static ResourceLeakDetector.Level leakDetection;

    /** Recording every access takes most of the time, and the model knows by itself what was not released. */
    @BeforeContainer
    static void disableLeakDetection() {
        leakDetection = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterContainer
    static void restoreLeakDetection() {
        ResourceLeakDetector.setLevel(leakDetection);
    }

    @Property(tries = 1000)
    void theBuffersAreAsTheModelSays(@ForAll("chains") ActionChain<ReceiveModel> chain) {
        try {
            chain.withInvariant("as the model says", ReceiveModel::check).run().finish();
        } finally {
            chain.finalState().ifPresent(ReceiveModel::close);
        }
    }

    @Provide
    Arbitrary<ActionChain<ReceiveModel>> chains() {
        return Combinators.combine(memories(), Arbitraries.of(true, false)).flatAs(this::chains);
    }

    /** Small slabs, so that there are several; a limit near the depth, or far above. */
    private static Arbitrary<ReceiveMemory> memories() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, MAX_BUFFER_SIZE),
                        Arbitraries.integers().between(1, 9),
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.integers().between(1, 60),
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(1, 6),
                        Arbitraries.of(true, false))
                .as((bufferSize, depth, growth, limit, incremental, buffersASlab, scrub) -> new ReceiveMemory(
                        bufferSize, depth, depth * growth, limit, incremental, bufferSize * buffersASlab, scrub, null));
    }

    private Arbitrary<ActionChain<ReceiveModel>> chains(ReceiveMemory memory, boolean owned) {
        return ActionChain.<ReceiveModel>startWith(() -> new ReceiveModel(memory, owned))
                .withAction(40, new Step(ReceiveModel::isOpen, just("refill", ReceiveModel::refill)))
                .withAction(80, new Step(ReceiveModel::hasReady, receive(memory.bufferSize())))
                .withAction(8, new Step(ReceiveModel::hasReady, receiveNothing()))
                .withAction(8, new Step(ReceiveModel::isOpen, receiveOften(memory.bufferSize())))
                .withAction(30, new Step(ReceiveModel::hasPieces, release()))
                .withAction(6, new Step(ReceiveModel::hasPieces, releaseMost()))
                .withAction(12, new Step(ReceiveModel::hasPieces, derive()))
                .withAction(10, new Step(ReceiveModel::hasPieces, resize()))
                .withAction(8, new Step(ReceiveModel::hasPieces, write()))
                .withAction(8, new Step(ReceiveModel::isOpen, just("deepen", ReceiveModel::deepen)))
                .withAction(8, new Step(ReceiveModel::isOpen, just("calm", ReceiveModel::calm)))
                .withAction(6, new Step(ReceiveModel::isOpen, setPoolDry()))
                .withAction(6, new Step(ReceiveModel::isOpen, awaitReturn()))
                .withAction(1, new Step(ReceiveModel::isOpen, just("end", ReceiveModel::end)))
                .withAction(30, new Step(ReceiveModel::isFinished, Arbitraries.just(Transformer.endOfChain())))
                .withMaxTransformations(STEPS);
    }

    private record Step(Predicate<ReceiveModel> when, Arbitrary<Transformer<ReceiveModel>> transformer)
            implements Action.Independent<ReceiveModel> {
        @Override
        public boolean precondition(ReceiveModel model) {
            return when.test(model);
        }
    }

    private static Arbitrary<Transformer<ReceiveModel>> just(String name, Consumer<ReceiveModel> step) {
        return Arbitraries.just(Transformer.mutate(name, step));
    }

    private static Arbitrary<Transformer<ReceiveModel>> receive(int bufferSize) {
        return Combinators.combine(Arbitraries.integers().between(1, bufferSize), booleans())
                .as((length, more) -> Transformer.mutate(
                        "receive " + length + (more ? " and more" : ""), model -> model.receive(length, more)));
    }

    private static Arbitrary<Transformer<ReceiveModel>> receiveNothing() {
        return booleans()
                .map(more -> Transformer.mutate(
                        "receive nothing" + (more ? " and more" : ""), model -> model.receiveNothing(more)));
    }

    /** Pieces that nobody releases, one in each buffer that comes to the ring. */
    private static Arbitrary<Transformer<ReceiveModel>> receiveOften(int bufferSize) {
        return Combinators.combine(
                        Arbitraries.integers().between(2, 20),
                        Arbitraries.integers().between(1, bufferSize))
                .as((times, length) -> Transformer.mutate(
                        times + " times receive " + length + " and refill",
                        model -> model.receiveOften(times, length)));
    }

    private static Arbitrary<Transformer<ReceiveModel>> releaseMost() {
        return Combinators.combine(Arbitraries.integers().between(0, 10), which(), booleans())
                .as((left, from, elsewhere) -> Transformer.mutate(
                        "release all but " + left + " references, from " + from + where(elsewhere),
                        model -> model.releaseAllBut(left, from, elsewhere)));
    }

    private static Arbitrary<Transformer<ReceiveModel>> release() {
        return Combinators.combine(which(), which(), booleans())
                .as((piece, reference, elsewhere) -> Transformer.mutate(
                        "release reference " + reference + " to piece " + piece + where(elsewhere),
                        model -> model.release(piece, reference, elsewhere)));
    }

    private static Arbitrary<Transformer<ReceiveModel>> derive() {
        return Combinators.combine(which(), Arbitraries.of(ModelPiece.Derivation.class), lengths(), lengths())
                .as((piece, how, from, length) -> Transformer.mutate(
                        how + " of " + length + " from " + from + " of piece " + piece,
                        model -> model.derive(piece, how, from, length)));
    }

    private static Arbitrary<Transformer<ReceiveModel>> resize() {
        return Combinators.combine(which(), lengths(), booleans())
                .as((piece, capacity, elsewhere) -> Transformer.mutate(
                        "capacity " + capacity + " for piece " + piece + where(elsewhere),
                        model -> model.resize(piece, capacity, elsewhere)));
    }

    private static Arbitrary<Transformer<ReceiveModel>> write() {
        return Combinators.combine(which(), which(), lengths(), Arbitraries.bytes())
                .as((piece, reference, at, value) -> Transformer.mutate(
                        "write " + value + " at " + at + " through reference " + reference + " to piece " + piece,
                        model -> model.write(piece, reference, at, value)));
    }

    private static Arbitrary<Transformer<ReceiveModel>> setPoolDry() {
        return booleans()
                .map(dry -> Transformer.mutate("pool is " + (dry ? "dry" : "full"), model -> model.setPoolDry(dry)));
    }

    private static Arbitrary<Transformer<ReceiveModel>> awaitReturn() {
        return booleans().map(await -> Transformer.mutate("await return: " + await, model -> model.awaitReturn(await)));
    }

    private static Arbitrary<Boolean> booleans() {
        return Arbitraries.of(false, true);
    }

    /** One of those that there are, when taken modulo their number. */
    private static Arbitrary<Integer> which() {
        return Arbitraries.integers().between(0, 999);
    }

    private static Arbitrary<Integer> lengths() {
        return Arbitraries.integers().between(0, 2 * MAX_BUFFER_SIZE);
    }

    private static String where(boolean elsewhere) {
        return elsewhere ? " elsewhere" : "";
    }
}
