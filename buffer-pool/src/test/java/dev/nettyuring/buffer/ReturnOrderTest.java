// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Collectors;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.LinChecker;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.kotlinx.lincheck.strategy.managed.ManagedStrategyGuaranteeKt;
import org.jetbrains.kotlinx.lincheck.strategy.managed.modelchecking.ModelCheckingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/**
 * Buffers that come back on several threads while their loop lends, sleeps and ends. In whichever order the threads go on,
 * each sees what it could see if the steps were taken one after the other, and nothing is lost.
 */
@EnabledForJreRange(max = JRE.JAVA_21) // the last whose classes Lincheck knows
class ReturnOrderTest {
    private static final int RANDOM_SCENARIOS = 2;
    /** How many orders of each scenario are tried. */
    private static final int ORDERS = 200;

    /** What was done before, and what each thread does. */
    private record Scenario(List<String> before, List<List<String>> threads) {}

    private static final List<Scenario> SCENARIOS = List.of(
            new Scenario(List.of(), List.of(List.of("sleep"), List.of("releaseOfOnePiece"))),
            new Scenario(
                    List.of("sleep"),
                    List.of(List.of("collect", "sleep"), List.of("releaseFirstOfTwo"), List.of("releaseSecondOfTwo"))),
            new Scenario(
                    List.of("releaseOfOnePiece"),
                    List.of(List.of("collect", "lend"), List.of("releaseFirstOfTwo"), List.of("releaseSecondOfTwo"))),
            new Scenario(
                    List.of("releaseOfOnePiece"),
                    List.of(List.of("kernelIsDone", "collect", "lend"), List.of("releaseOfFilling"))),
            new Scenario(
                    List.of(),
                    List.of(List.of("end"), List.of("releaseOfOnePiece", "isOver"), List.of("releaseOfFilling"))),
            new Scenario(
                    List.of("releaseFirstOfTwo", "releaseSecondOfTwo", "releaseOfOnePiece"),
                    List.of(List.of("end"), List.of("releaseOfFilling", "isOver"))),
            new Scenario(
                    List.of("end", "releaseFirstOfTwo", "releaseSecondOfTwo"),
                    List.of(List.of("releaseOfOnePiece"), List.of("releaseOfFilling"))));

    @Test
    @Timeout(300) // threads take turns by spinning, which a busy machine makes slow
    void stepsAreAsIfTakenOneAfterTheOther() {
        ModelCheckingOptions options = new ModelCheckingOptions()
                .iterations(RANDOM_SCENARIOS)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(0)
                .actorsAfter(0)
                .invocationsPerIteration(ORDERS)
                .minimizeFailedScenario(false) // which takes minutes
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(name -> name.startsWith("io.netty."))
                        .allMethods()
                        .ignore());
        for (Scenario scenario : SCENARIOS) {
            options.addCustomScenario(scenario(scenario));
        }
        LinChecker.check(ReturnSteps.class, options);
    }

    private static ExecutionScenario scenario(Scenario scenario) {
        List<List<Actor>> threads =
                scenario.threads.stream().map(ReturnOrderTest::actors).collect(Collectors.toList());
        return new ExecutionScenario(actors(scenario.before), threads, List.of(), actor("nothingIsLost"));
    }

    private static List<Actor> actors(List<String> steps) {
        return steps.stream().map(ReturnOrderTest::actor).collect(Collectors.toList());
    }

    private static Actor actor(String step) {
        try {
            Method method = ReturnSteps.class.getMethod(step);
            return new Actor(method, List.of());
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
