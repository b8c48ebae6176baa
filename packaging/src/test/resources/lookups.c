// SPDX-License-Identifier: Apache-2.0
// A JVM agent that writes down, into the file it is given, what classes and members the native library looks up by JNI.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <jvmti.h>
#include <stdio.h>
#include <string.h>

static FILE *file;
static jvmtiEnv *jvmti;
static jniNativeInterface *real;

static int is_ours(void *caller) {
    Dl_info object;
    return dladdr(caller, &object) != 0 && strstr(object.dli_fname, "netty_uring") != NULL;
}

static void member(jclass class, const char *name, const char *type) {
    char *signature;
    if ((*jvmti)->GetClassSignature(jvmti, class, &signature, NULL) == JVMTI_ERROR_NONE) {
        fprintf(file, "%s %s %s\n", signature, name, type);
        fflush(file);
        (*jvmti)->Deallocate(jvmti, (unsigned char *) signature);
    }
}

static jclass JNICALL find_class(JNIEnv *env, const char *name) {
    if (is_ours(__builtin_return_address(0))) {
        fprintf(file, "L%s;\n", name);
        fflush(file);
    }
    return real->FindClass(env, name);
}

static jfieldID JNICALL get_field(JNIEnv *env, jclass class, const char *name, const char *type) {
    if (is_ours(__builtin_return_address(0))) {
        member(class, name, type);
    }
    return real->GetFieldID(env, class, name, type);
}

static jmethodID JNICALL get_method(JNIEnv *env, jclass class, const char *name, const char *type) {
    if (is_ours(__builtin_return_address(0))) {
        member(class, name, type);
    }
    return real->GetMethodID(env, class, name, type);
}

static void JNICALL started(jvmtiEnv *env, JNIEnv *jni, jthread thread) {
    jniNativeInterface *table;
    (void) jni;
    (void) thread;
    (*env)->GetJNIFunctionTable(env, &real);
    (*env)->GetJNIFunctionTable(env, &table);
    table->FindClass = find_class;
    table->GetFieldID = get_field;
    table->GetMethodID = get_method;
    (*env)->SetJNIFunctionTable(env, table);
}

JNIEXPORT jint JNICALL Agent_OnLoad(JavaVM *vm, char *options, void *reserved) {
    jvmtiEventCallbacks callbacks = {.VMInit = started};
    (void) reserved;
    file = fopen(options, "w");
    if (file == NULL || (*vm)->GetEnv(vm, (void **) &jvmti, JVMTI_VERSION_1_2) != JNI_OK) {
        return JNI_ERR;
    }
    (*jvmti)->SetEventCallbacks(jvmti, &callbacks, sizeof(callbacks));
    (*jvmti)->SetEventNotificationMode(jvmti, JVMTI_ENABLE, JVMTI_EVENT_VM_INIT, NULL);
    return JNI_OK;
}
