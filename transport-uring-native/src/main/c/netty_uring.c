// SPDX-License-Identifier: Apache-2.0
// The native methods: one function a system call, its result or -errno. No state, no logic, no allocation.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "dev_nettyuring_jni_Native.h"

#define SHIM(type, name) JNIEXPORT type JNICALL Java_dev_nettyuring_jni_Native_##name
#define UNUSED __attribute__((unused))
#define THIS UNUSED JNIEnv *env, UNUSED jclass class

// The same on every architecture: these calls came after the common numbering.
#define NR_IO_URING_SETUP 425
#define NR_IO_URING_ENTER 426
#define NR_IO_URING_REGISTER 427
#define NR_CACHESTAT 451

static inline long result_or_errno(long result) {
    return result < 0 ? -errno : result;
}

static inline void *pointer(jlong address) {
    return (void *) (intptr_t) address;
}

SHIM(jint, ioUringSetup)(THIS, jint entries, jlong params) {
    return (jint) result_or_errno(syscall(NR_IO_URING_SETUP, entries, pointer(params)));
}

SHIM(jint, ioUringEnter)(THIS, jint fd, jint to_submit, jint min_complete, jint flags, jlong arg, jlong arg_size) {
    return (jint) result_or_errno(
        syscall(NR_IO_URING_ENTER, fd, to_submit, min_complete, flags, pointer(arg), (size_t) arg_size));
}

SHIM(jint, ioUringRegister)(THIS, jint fd, jint opcode, jlong arg, jint count) {
    return (jint) result_or_errno(syscall(NR_IO_URING_REGISTER, fd, opcode, pointer(arg), count));
}

SHIM(jlong, mmap)(THIS, jlong length, jint protection, jint flags, jint fd, jlong offset) {
    void *address = mmap(NULL, (size_t) length, protection, flags, fd, (off_t) offset);
    return address == MAP_FAILED ? -errno : (jlong) (intptr_t) address;
}

SHIM(jint, getpagesize)(THIS) {
    return getpagesize();
}

SHIM(jint, munmap)(THIS, jlong address, jlong length) {
    return (jint) result_or_errno(munmap(pointer(address), (size_t) length));
}

SHIM(jint, madvise)(THIS, jlong address, jlong length, jint advice) {
    return (jint) result_or_errno(madvise(pointer(address), (size_t) length, advice));
}

SHIM(jobject, newDirectByteBuffer)(JNIEnv *env, UNUSED jclass class, jlong address, jlong capacity) {
    return (*env)->NewDirectByteBuffer(env, pointer(address), capacity);
}

SHIM(jlong, directBufferAddress)(JNIEnv *env, UNUSED jclass class, jobject buffer) {
    return (jlong) (intptr_t) (*env)->GetDirectBufferAddress(env, buffer);
}

SHIM(jint, socket)(THIS, jint domain, jint type, jint protocol) {
    return (jint) result_or_errno(socket(domain, type, protocol));
}

SHIM(jint, bind)(THIS, jint fd, jlong address, jint length) {
    return (jint) result_or_errno(bind(fd, pointer(address), (socklen_t) length));
}

SHIM(jint, connect)(THIS, jint fd, jlong address, jint length) {
    return (jint) result_or_errno(connect(fd, pointer(address), (socklen_t) length));
}

SHIM(jint, listen)(THIS, jint fd, jint backlog) {
    return (jint) result_or_errno(listen(fd, backlog));
}

SHIM(jint, shutdown)(THIS, jint fd, jint how) {
    return (jint) result_or_errno(shutdown(fd, how));
}

SHIM(jint, close)(THIS, jint fd) {
    return (jint) result_or_errno(close(fd));
}

SHIM(jint, getsockname)(THIS, jint fd, jlong address, jlong length) {
    return (jint) result_or_errno(getsockname(fd, pointer(address), pointer(length)));
}

SHIM(jint, getpeername)(THIS, jint fd, jlong address, jlong length) {
    return (jint) result_or_errno(getpeername(fd, pointer(address), pointer(length)));
}

SHIM(jint, getsockopt)(THIS, jint fd, jint level, jint name, jlong value, jlong length) {
    return (jint) result_or_errno(getsockopt(fd, level, name, pointer(value), pointer(length)));
}

SHIM(jint, setsockopt)(THIS, jint fd, jint level, jint name, jlong value, jint length) {
    return (jint) result_or_errno(setsockopt(fd, level, name, pointer(value), (socklen_t) length));
}

SHIM(jlong, recv)(THIS, jint fd, jlong address, jlong length, jint flags) {
    return result_or_errno(recv(fd, pointer(address), (size_t) length, flags));
}

SHIM(jlong, sendmsg)(THIS, jint fd, jlong message, jint flags) {
    return result_or_errno(sendmsg(fd, pointer(message), flags));
}

SHIM(jint, sendmmsg)(THIS, jint fd, jlong messages, jint count, jint flags) {
    return (jint) result_or_errno(sendmmsg(fd, pointer(messages), (unsigned int) count, flags));
}

SHIM(jint, pipe2)(THIS, jlong fds, jint flags) {
    return (jint) result_or_errno(pipe2(pointer(fds), flags));
}

SHIM(jlong, read)(THIS, jint fd, jlong address, jlong length) {
    return result_or_errno(read(fd, pointer(address), (size_t) length));
}

SHIM(jlong, preadv2)(THIS, jint fd, jlong iovecs, jint count, jlong offset, jint flags) {
    return result_or_errno(preadv2(fd, pointer(iovecs), count, (off_t) offset, flags));
}

SHIM(jint, cachestat)(THIS, jint fd, jlong range, jlong pages, jint flags) {
    return (jint) result_or_errno(syscall(NR_CACHESTAT, fd, pointer(range), pointer(pages), flags));
}

SHIM(jlong, write)(THIS, jint fd, jlong address, jlong length) {
    return result_or_errno(write(fd, pointer(address), (size_t) length));
}

SHIM(jlong, sendfile)(THIS, jint fd_out, jint fd_in, jlong offset, jlong count) {
    return result_or_errno(sendfile(fd_out, fd_in, pointer(offset), (size_t) count));
}

SHIM(jlong, splice)
(THIS, jint fd_in, jlong offset_in, jint fd_out, jlong offset_out, jlong length, jint flags) {
    return result_or_errno(
        splice(fd_in, pointer(offset_in), fd_out, pointer(offset_out), (size_t) length, (unsigned int) flags));
}

SHIM(jint, fcntl)(THIS, jint fd, jint command, jint argument) {
    return (jint) result_or_errno(fcntl(fd, command, argument));
}

SHIM(jint, eventfd)(THIS, jint initial_value, jint flags) {
    return (jint) result_or_errno(eventfd((unsigned int) initial_value, flags));
}

SHIM(jint, eventfdWrite)(THIS, jint fd, jlong value) {
    return (jint) result_or_errno(eventfd_write(fd, (eventfd_t) value));
}

// A field that is missing is a pending NoSuchFieldError.
SHIM(jlong, fieldId)(JNIEnv *env, UNUSED jclass class, jclass declaring, jstring name, jstring type) {
    const char *name_chars = (*env)->GetStringUTFChars(env, name, NULL);
    const char *type_chars = (*env)->GetStringUTFChars(env, type, NULL);
    jfieldID id = (*env)->GetFieldID(env, declaring, name_chars, type_chars);
    (*env)->ReleaseStringUTFChars(env, type, type_chars);
    (*env)->ReleaseStringUTFChars(env, name, name_chars);
    return (jlong) (intptr_t) id;
}

SHIM(jobject, objectField)(JNIEnv *env, UNUSED jclass class, jobject object, jlong field) {
    return (*env)->GetObjectField(env, object, (jfieldID) pointer(field));
}

SHIM(jint, intField)(JNIEnv *env, UNUSED jclass class, jobject object, jlong field) {
    return (*env)->GetIntField(env, object, (jfieldID) pointer(field));
}

SHIM(void, setLongField)(JNIEnv *env, UNUSED jclass class, jobject object, jlong field, jlong value) {
    (*env)->SetLongField(env, object, (jfieldID) pointer(field), value);
}

// A constructor that is missing is a pending NoSuchMethodError.
SHIM(jobject, newCredentials)(JNIEnv *env, UNUSED jclass class, jclass type, jint pid, jint uid, jintArray gids) {
    jmethodID constructor = (*env)->GetMethodID(env, type, "<init>", "(II[I)V");
    return constructor == NULL ? NULL : (*env)->NewObject(env, type, constructor, pid, uid, gids);
}

SHIM(jstring, strerror)(JNIEnv *env, UNUSED jclass class, jint number) {
    char text[128];
    return (*env)->NewStringUTF(env, strerror_r(number, text, sizeof(text)));
}
