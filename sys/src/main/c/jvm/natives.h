/*
 * The native methods of dev.tine.repair. They are not exported: tine__natives_bind() tells the VM where they are, so that
 * it asks neither which class loader has loaded this library nor whether its classes may call native code.
 *
 * All are called by the thread that forks, one at a time, but for tine__jvmti_done().
 */
#ifndef TINE_JVM_NATIVES_H
#define TINE_JVM_NATIVES_H

#include <jni.h>

/* Binds the methods of the classes beside `neighbour`: in its package and its class loader. 0 or a JNI error, with an
   exception pending. May be repeated. */
int tine__natives_bind(JNIEnv *env, jclass neighbour);

/* Opens.addOpens: Module.implAddOpens(package, to), which --add-opens calls as well. An exception, NoSuchMethodError above
   all, is left pending and thrown in Java. */
void JNICALL tine__jvm_add_opens(JNIEnv *env, jclass self, jobject from, jstring package, jobject to);

/* NativeFork.fork(request, entropy): tine_fork(); in a child, entropy is filled with random numbers. */
jint JNICALL tine__jvm_fork(JNIEnv *env, jclass self, jlong request, jlongArray entropy);

/* NativeFork.repaired(), unrepaired(error, what), awaitRepairs(): tine_repaired() and so on. */
void JNICALL tine__jvm_repaired(JNIEnv *env, jclass self);
void JNICALL tine__jvm_unrepaired(JNIEnv *env, jclass self, jint error, jbyteArray what);
jint JNICALL tine__jvm_await_repairs(JNIEnv *env, jclass self);

/* NativeFork.repairFault(repair): 0, or the -errno that a test wants this repair to fail with. */
jint JNICALL tine__jvm_repair_fault(JNIEnv *env, jclass self, jint repair);

/* Entropy.fill(bytes): random numbers of the kernel's in all of an array. */
jint JNICALL tine__jvm_random(JNIEnv *env, jclass self, jbyteArray bytes);

/* Kernel.pid(), errorText(error), probe(numbers): tine_getpid(), tine_error_text(), tine_probe(). startMillis(): from
   /proc/self/stat; 0: not known. */
jint JNICALL tine__jvm_pid(JNIEnv *env, jclass self);
jlong JNICALL tine__jvm_start_millis(JNIEnv *env, jclass self);
jstring JNICALL tine__jvm_error_text(JNIEnv *env, jclass self, jint error);
void JNICALL tine__jvm_probe(JNIEnv *env, jclass self, jintArray numbers);

/* Identity.find(), detach(fds): tine__identity_find(), tine__detached_set(). */
jint JNICALL tine__jvm_identity_find(JNIEnv *env, jclass self);
void JNICALL tine__jvm_identity_detach(JNIEnv *env, jclass self, jintArray fds);

/* Jvmti.open(types): 0 or a jvmtiError. Subclasses of the types are counted from now on. */
jint JNICALL tine__jvmti_open(JNIEnv *env, jclass self, jobjectArray types);

/* newClasses(): how many subclasses of the types have become usable since open(). */
jint JNICALL tine__jvmti_new_classes(JNIEnv *env, jclass self);

/* begin(): takes the capability to suspend, which one environment of a VM can have at a time, and holds up threads that
   are started from now on. end() undoes both. */
jint JNICALL tine__jvmti_begin(JNIEnv *env, jclass self);
void JNICALL tine__jvmti_end(JNIEnv *env, jclass self);

/* suspend(threads, count, errors), resume(threads, count, errors): a jvmtiError for each of the threads. */
jint JNICALL tine__jvmti_suspend(JNIEnv *env, jclass self, jobjectArray threads, jint count, jintArray errors);
jint JNICALL tine__jvmti_resume(JNIEnv *env, jclass self, jobjectArray threads, jint count, jintArray errors);

/* suspendVirtual(except), resumeVirtual(except): all virtual threads, mounted or not, but this one (null: none). */
jint JNICALL tine__jvmti_suspend_virtual(JNIEnv *env, jclass self, jobject except);
jint JNICALL tine__jvmti_resume_virtual(JNIEnv *env, jclass self, jobject except);

/* owner(object): the thread that holds its monitor, or null. */
jobject JNICALL tine__jvmti_owner(JNIEnv *env, jclass self, jobject object);

/* inside(threads, count, type, with_virtual): a thread of the list, or one that it carries, with a method of the class among
   its uppermost; null: there is none. All are suspended. */
jobject JNICALL tine__jvmti_inside(JNIEnv *env, jclass self, jobjectArray threads, jint count, jclass type,
                                   jboolean with_virtual);

/* instances(type): every object of the class or of a subclass; a walk through the whole heap. null: out of memory. */
jobjectArray JNICALL tine__jvmti_instances(JNIEnv *env, jclass self, jclass type);

/* subclasses(type): every class that is loaded and is the type or a subclass. null: out of memory. */
jobjectArray JNICALL tine__jvmti_subclasses(JNIEnv *env, jclass self, jclass type);

/* collect(): a full collection, which no option of the VM turns off. */
void JNICALL tine__jvmti_collect(JNIEnv *env, jclass self);

/* enterCompiled(): takes away the barriers at the entries of all compiled methods. */
void JNICALL tine__jvmti_enter_compiled(JNIEnv *env, jclass self);

/* pause(): gives way to other threads. await(millis): whether done() is called in time; forgets it. A thread that waits so,
   though it is a virtual one, stays on its carrier, which may be suspended. */
void JNICALL tine__jvmti_pause(JNIEnv *env, jclass self);
jboolean JNICALL tine__jvmti_await(JNIEnv *env, jclass self, jint millis);
void JNICALL tine__jvmti_done(JNIEnv *env, jclass self);

#endif
