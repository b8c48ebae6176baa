// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * Puts {@link Kernel} between the transport and its system calls, in a JVM that was started with it as its agent. Each method
 * of {@code dev.nettyuring.jni.Native} that {@link Kernel} has as well calls that one; the native method gets a prefix, which
 * the JVM disregards when it looks for the function. So the transport as it is shipped is what is tested, and has no hooks.
 */
public final class FaultAgent {
    static final String PREFIX = "real_";
    private static final String NATIVE = "dev/nettyuring/jni/Native";

    /** The methods that it has. Not a field of its own, since that refers to the class that is being loaded. */
    private static final Set<String> CALLS = Set.of(
            "ioUringSetup",
            "ioUringEnter",
            "ioUringRegister",
            "mmap",
            "munmap",
            "madvise",
            "close",
            "socket",
            "recv",
            "sendmmsg",
            "sendfile",
            "splice",
            "preadv2");

    private FaultAgent() {}

    /** What the JVM calls. */
    public static void premain(String arguments, Instrumentation instrumentation) {
        Redirection redirection = new Redirection();
        instrumentation.addTransformer(redirection);
        instrumentation.setNativeMethodPrefix(redirection, PREFIX);
    }

    /** Writes the jar that {@code -javaagent} takes; the classes are on the class path. */
    static Path writeJar(Path folder) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Premain-Class", FaultAgent.class.getName());
        attributes.putValue("Can-Set-Native-Method-Prefix", "true");
        Path jar = folder.resolve("fault-agent.jar");
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, manifest).close();
        }
        return jar;
    }

    private static final class Redirection implements ClassFileTransformer {
        @Override
        public byte[] transform(
                ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] classFile) {
            if (!NATIVE.equals(name)) {
                return null;
            }
            ClassReader reader = new ClassReader(classFile);
            ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
            reader.accept(
                    new ClassVisitor(Opcodes.ASM9, writer) {
                        @Override
                        public MethodVisitor visitMethod(
                                int access, String method, String descriptor, String signature, String[] thrown) {
                            if (!CALLS.contains(method)) {
                                return super.visitMethod(access, method, descriptor, signature, thrown);
                            }
                            callKernel(
                                    super.visitMethod(access & ~Opcodes.ACC_NATIVE, method, descriptor, null, null),
                                    method,
                                    descriptor);
                            return super.visitMethod(access, PREFIX + method, descriptor, signature, thrown);
                        }
                    },
                    0);
            return writer.toByteArray();
        }

        private static void callKernel(MethodVisitor code, String method, String descriptor) {
            code.visitCode();
            int local = 0;
            for (Type type : Type.getArgumentTypes(descriptor)) {
                code.visitVarInsn(type.getOpcode(Opcodes.ILOAD), local);
                local += type.getSize();
            }
            code.visitMethodInsn(Opcodes.INVOKESTATIC, Type.getInternalName(Kernel.class), method, descriptor, false);
            code.visitInsn(Type.getReturnType(descriptor).getOpcode(Opcodes.IRETURN));
            code.visitMaxs(0, 0);
            code.visitEnd();
        }
    }
}
