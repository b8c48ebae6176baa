// SPDX-License-Identifier: Apache-2.0
// Binds the entry points to their class by its name at run time, which is another where a shading tool has moved it.

#define _GNU_SOURCE
#include <jni.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

#include "dev_nettyuring_jni_Native.h"

#define LIBRARY "netty_uring_"
#define CLASS "dev/nettyuring/jni/Native"

static const JNINativeMethod METHODS[] = {
#include "methods.inc"
};

extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

// Not dladdr(3), which glibc 2.34 has moved to another library.
static int find_path(struct dl_phdr_info *object, size_t size __attribute__((unused)), void *path) {
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &object->dlpi_phdr[i];
        if (header->p_type == PT_DYNAMIC && object->dlpi_addr + header->p_vaddr == (ElfW(Addr)) _DYNAMIC) {
            *(const char **) path = object->dlpi_name;
            return 1;
        }
    }
    return 0;
}

// The last occurrence: a package's name may contain ours.
static const char *end_of_prefix(const char *name) {
    const char *last = NULL;
    for (const char *found = strstr(name, LIBRARY); found != NULL; found = strstr(found + 1, LIBRARY)) {
        last = found;
    }
    return last;
}

// The library's file is named lib<prefix>netty_uring_..., where '_' stands for '.' and '_1' for '_' in the packages' prefix.
static int class_name(const char *path, char *name, size_t size) {
    const char *slash = strrchr(path, '/');
    const char *from = slash == NULL ? path : slash + 1;
    const char *end = end_of_prefix(from);
    if (end == NULL || strncmp(from, "lib", 3) != 0 || (size_t) (end - from) + sizeof(CLASS) > size) {
        return -1;
    }
    for (from += 3; from < end; from++) {
        char next = *from;
        if (next == '_') {
            next = from[1] == '1' ? '_' : '/';
            from += from[1] == '1';
        }
        *name++ = next;
    }
    memcpy(name, CLASS, sizeof(CLASS));
    return 0;
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved __attribute__((unused))) {
    JNIEnv *env;
    const char *path;
    char name[1024];
    if ((*vm)->GetEnv(vm, (void **) &env, JNI_VERSION_1_8) != JNI_OK || dl_iterate_phdr(find_path, &path) == 0
        || class_name(path, name, sizeof(name)) < 0) {
        return JNI_ERR;
    }
    jclass class = (*env)->FindClass(env, name);
    return class != NULL && (*env)->RegisterNatives(env, class, METHODS, sizeof(METHODS) / sizeof(*METHODS)) == 0
        ? JNI_VERSION_1_8
        : JNI_ERR;
}
