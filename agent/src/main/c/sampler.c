/*
 * The heap sampler: one static Java method is called for each object that the JVM samples.
 *
 * It is C because JNI turns a stack overflow at the entry of the Java method into a pending
 * exception, which is cleared here; an upcall of the foreign-function API aborts the JVM there.
 *
 * The callback runs on the allocating thread, in the middle of any allocation: under the
 * application's monitors, inside class initializers, with the stack nearly used up. So it takes no
 * lock, calls back once, does not nest, and leaves no exception behind.
 *
 * Linked without the C library's start files and without naming a C library: the few functions used
 * are found in the process, in whatever version it has. See BuildSampler.java.
 */
#define _GNU_SOURCE
#include <jvmti.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

/* The interval a JVM starts with, by which threads drew their first sample before the start. */
#define JVM_DEFAULT_INTERVAL (512 * 1024)

/*
 * Below this much stack the Java side is told to do no more than to note the sample. HotSpot keeps
 * about 100 KiB for its guard and shadow pages; the rest covers the deepest interpreted call there.
 */
#define STACK_NEEDED ((uintptr_t) 192 * 1024)

/* Results of start and reachable that are not JVMTI errors, which are positive. Known to SamplerLibrary. */
#define ERROR_NO_JVMTI (-1)
#define ERROR_NO_METHOD (-2)
#define ERROR_TOO_MANY (-3)

/* Order known to SamplerLibrary. */
enum { CALLS, FAILED, LOW_STACK, COUNTERS };

static JavaVM *vm;
static jvmtiEnv *jvmti;
static jclass hook;
static jmethodID sampled;
static _Atomic jint interval = JVM_DEFAULT_INTERVAL;
static _Atomic int enabled;
static _Atomic jlong counters[COUNTERS];

/*
 * Of the platform thread. A virtual thread stays on its carrier for as long as a callback lasts, and
 * both the state of the JVM's sampler and the stack are the carrier's, so these are right for it too.
 */
static __thread int inside;
/* Interval by which the thread's next sample was drawn, plus one; 0: before the sampler started. */
static __thread jint drawn_plus_one;
/* Lowest address of the stack; 0: not asked yet. */
static __thread uintptr_t stack_low;

static void count(int which) {
  atomic_fetch_add_explicit(&counters[which], 1, memory_order_relaxed);
}

static jboolean stack_is_low(void) {
  if (stack_low == 0) {
    pthread_attr_t attributes;
    void *low = NULL;
    size_t size = 0;
    stack_low = 1;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
      if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
        stack_low = (uintptr_t) low;
      }
      pthread_attr_destroy(&attributes);
    }
  }
  return (uintptr_t) __builtin_frame_address(0) - stack_low < STACK_NEEDED;
}

static void JNICALL on_sample(jvmtiEnv *env, JNIEnv *jni, jthread thread, jobject object,
                              jclass type, jlong size) {
  jint now = atomic_load_explicit(&interval, memory_order_relaxed);
  /* The JVM has already drawn the thread's next sample, by the interval in force now. */
  jint drawn = drawn_plus_one == 0 ? JVM_DEFAULT_INTERVAL : drawn_plus_one - 1;
  (void) env;
  (void) type;
  drawn_plus_one = now + 1;
  if (inside || thread == NULL || !atomic_load_explicit(&enabled, memory_order_acquire)) {
    return;
  }
  inside = 1;
  count(CALLS);
  jboolean low = stack_is_low();
  if (low) {
    count(LOW_STACK);
  }
  (*jni)->CallStaticVoidMethod(jni, hook, sampled, object, size, drawn, low);
  if ((*jni)->ExceptionCheck(jni)) {
    (*jni)->ExceptionClear(jni);
    count(FAILED);
  }
  inside = 0;
}

/* Runs on the new thread, whose first sample was drawn just before. */
static void JNICALL on_thread_start(jvmtiEnv *env, JNIEnv *jni, jthread thread) {
  (void) env;
  (void) jni;
  (void) thread;
  drawn_plus_one = atomic_load_explicit(&interval, memory_order_relaxed) + 1;
}

static void set_events(jvmtiEventMode mode) {
  (*jvmti)->SetEventNotificationMode(jvmti, mode, JVMTI_EVENT_SAMPLED_OBJECT_ALLOC, NULL);
  (*jvmti)->SetEventNotificationMode(jvmti, mode, JVMTI_EVENT_THREAD_START, NULL);
  (*jvmti)->SetEventNotificationMode(jvmti, mode, JVMTI_EVENT_VM_DEATH, NULL);
}

static void JNICALL on_vm_death(jvmtiEnv *env, JNIEnv *jni) {
  (void) env;
  (void) jni;
  atomic_store(&enabled, 0);
  set_events(JVMTI_DISABLE);
}

static jint make_env(void) {
  jvmtiEventCallbacks callbacks = {0};
  void *env = NULL;
  if ((*vm)->GetEnv(vm, &env, JVMTI_VERSION_11) != JNI_OK || env == NULL) {
    return ERROR_NO_JVMTI;
  }
  callbacks.SampledObjectAlloc = on_sample;
  callbacks.ThreadStart = on_thread_start;
  callbacks.VMDeath = on_vm_death;
  jvmti = env;
  return (*jvmti)->SetEventCallbacks(jvmti, &callbacks, (jint) sizeof callbacks);
}

static jint set_interval(jint bytes) {
  atomic_store(&interval, bytes);
  return (*jvmti)->SetHeapSamplingInterval(jvmti, bytes);
}

/* start, setInterval and stop are called by one thread at a time. */
static jint JNICALL start(JNIEnv *jni, jclass self, jclass hook_class, jint bytes) {
  jvmtiCapabilities wanted = {.can_generate_sampled_object_alloc_events = 1};
  jint error = jvmti == NULL ? make_env() : 0;
  jclass pinned;
  (void) self;
  if (error != 0) {
    return error;
  }
  sampled = (*jni)->GetStaticMethodID(jni, hook_class, "sampled", "(Ljava/lang/Object;JIZ)V");
  if (sampled == NULL) {
    (*jni)->ExceptionClear(jni);
    return ERROR_NO_METHOD;
  }
  error = (*jvmti)->AddCapabilities(jvmti, &wanted);
  if (error != 0) {
    return error;
  }
  /* An older reference is not deleted: a late callback may still hold it. */
  pinned = (*jni)->NewGlobalRef(jni, hook_class);
  hook = pinned;
  error = pinned == NULL ? JVMTI_ERROR_OUT_OF_MEMORY : set_interval(bytes);
  if (error != 0) {
    (*jvmti)->RelinquishCapabilities(jvmti, &wanted);
    return error;
  }
  atomic_store(&enabled, 1);
  set_events(JVMTI_ENABLE);
  return 0;
}

static jint JNICALL set_interval_of_java(JNIEnv *jni, jclass self, jint bytes) {
  (void) jni;
  (void) self;
  return jvmti == NULL ? ERROR_NO_JVMTI : set_interval(bytes);
}

static void JNICALL stop(JNIEnv *jni, jclass self) {
  jvmtiCapabilities held = {.can_generate_sampled_object_alloc_events = 1};
  (void) jni;
  (void) self;
  if (jvmti != NULL && atomic_exchange(&enabled, 0)) {
    set_events(JVMTI_DISABLE);
    /* Threads that start from now on are not heard of, and taken to have drawn by this. */
    set_interval(JVM_DEFAULT_INTERVAL);
    (*jvmti)->RelinquishCapabilities(jvmti, &held);
  }
}

static jlong JNICALL counter(JNIEnv *jni, jclass self, jint which) {
  (void) jni;
  (void) self;
  return which < 0 || which >= COUNTERS
             ? -1
             : atomic_load_explicit(&counters[which], memory_order_relaxed);
}

/* What one walk from a root has met. */
struct walk {
  jbyte *met;
  jint missing;
  jlong edges_left;
};

/* Of the root, so that static fields are followed from it alone. */
#define ROOT_TAG 1
/* Of the object at a place of the array. */
#define OBJECT_TAG(place) ((jlong) (place) + 2)
/* Of a class of weak, soft or other references, whose referent has this field index. */
#define REFERENCE_TAG(index) (-1 - (jlong) (index))

/*
 * Follows instance fields and array elements. An edge to an object's class would lead through its
 * loader to everything static there is; a weak edge keeps nothing alive.
 */
static jint JNICALL on_edge(jvmtiHeapReferenceKind kind, const jvmtiHeapReferenceInfo *info,
                            jlong class_tag, jlong referrer_class_tag, jlong size, jlong *tag,
                            jlong *referrer_tag, jint length, void *data) {
  struct walk *walk = data;
  (void) class_tag;
  (void) size;
  (void) length;
  switch (kind) {
    case JVMTI_HEAP_REFERENCE_FIELD:
      if (referrer_class_tag < 0 && referrer_class_tag == REFERENCE_TAG(info->field.index)) {
        return 0;
      }
      break;
    case JVMTI_HEAP_REFERENCE_ARRAY_ELEMENT:
      break;
    case JVMTI_HEAP_REFERENCE_STATIC_FIELD:
      if (referrer_tag == NULL || *referrer_tag != ROOT_TAG) {
        return 0;
      }
      break;
    default:
      return 0;
  }
  if (--walk->edges_left < 0) {
    return JVMTI_VISIT_ABORT;
  }
  if (*tag >= OBJECT_TAG(0) && !walk->met[*tag - OBJECT_TAG(0)]) {
    walk->met[*tag - OBJECT_TAG(0)] = 1;
    if (--walk->missing == 0) {
      return JVMTI_VISIT_ABORT;
    }
  }
  return JVMTI_VISIT_OBJECTS;
}

/* Fields of the interfaces of a class come before its own in JVMTI's numbering. */
static jint interface_fields(jvmtiEnv *env, JNIEnv *jni, jclass type, int depth) {
  jclass *interfaces = NULL;
  jclass super = depth == 0 ? (*jni)->GetSuperclass(jni, type) : NULL;
  jint count = 0, sum = 0, i;
  if (super != NULL) {
    sum += interface_fields(env, jni, super, 0);
    (*jni)->DeleteLocalRef(jni, super);
  }
  if (depth > 16 || (*env)->GetImplementedInterfaces(env, type, &count, &interfaces) != 0) {
    return sum;
  }
  for (i = 0; i < count; i++) {
    jfieldID *fields = NULL;
    jint own = 0;
    if ((*env)->GetClassFields(env, interfaces[i], &own, &fields) == 0) {
      sum += own;
      (*env)->Deallocate(env, (unsigned char *) fields);
    }
    sum += interface_fields(env, jni, interfaces[i], depth + 1);
    (*jni)->DeleteLocalRef(jni, interfaces[i]);
  }
  (*env)->Deallocate(env, (unsigned char *) interfaces);
  return sum;
}

static jint tag_reference_classes(jvmtiEnv *env, JNIEnv *jni) {
  jclass *classes = NULL;
  jint count = 0, i;
  jint error = (*env)->GetLoadedClasses(env, &count, &classes);
  jclass reference = (*jni)->FindClass(jni, "java/lang/ref/Reference");
  if (error != 0 || reference == NULL) {
    return error != 0 ? error : JVMTI_ERROR_INTERNAL;
  }
  for (i = 0; i < count && error == 0; i++) {
    if ((*jni)->IsAssignableFrom(jni, classes[i], reference)) {
      error = (*env)->SetTag(
          env, classes[i], REFERENCE_TAG(interface_fields(env, jni, classes[i], 0)));
    }
    (*jni)->DeleteLocalRef(jni, classes[i]);
  }
  (*env)->Deallocate(env, (unsigned char *) classes);
  return error;
}

static jint tag_objects(jvmtiEnv *env, JNIEnv *jni, jobjectArray objects, jint count) {
  jint error = 0, i;
  for (i = 0; i < count && error == 0; i++) {
    jobject object = (*jni)->GetObjectArrayElement(jni, objects, i);
    if (object != NULL) {
      error = (*env)->SetTag(env, object, OBJECT_TAG(i));
      (*jni)->DeleteLocalRef(jni, object);
    }
  }
  return error;
}

static jint walk_from(jvmtiEnv *env, JNIEnv *jni, jobject root, jobjectArray objects,
                      jbyteArray met, jlong edges) {
  jvmtiCapabilities wanted = {.can_tag_objects = 1};
  jvmtiHeapCallbacks callbacks = {0};
  jint count = (*jni)->GetArrayLength(jni, objects);
  struct walk walk = {NULL, count, edges};
  jint i, error = (*env)->AddCapabilities(env, &wanted);
  if (error == 0) {
    error = tag_reference_classes(env, jni);
  }
  if (error == 0) {
    error = (*env)->SetTag(env, root, ROOT_TAG);
  }
  if (error == 0) {
    error = tag_objects(env, jni, objects, count);
  }
  if (error == 0) {
    error = (*env)->Allocate(env, count, (unsigned char **) &walk.met);
  }
  if (error != 0) {
    return error;
  }
  for (i = 0; i < count; i++) {
    walk.met[i] = 0;
  }
  callbacks.heap_reference_callback = on_edge;
  error = (*env)->FollowReferences(env, 0, NULL, root, &callbacks, &walk);
  if (error == 0 && walk.edges_left < 0) {
    error = ERROR_TOO_MANY;
  }
  if (error == 0) {
    (*jni)->SetByteArrayRegion(jni, met, 0, count, walk.met);
  }
  (*env)->Deallocate(env, (unsigned char *) walk.met);
  return error;
}

/* With an environment of its own, whose end takes all tags away at once. */
static jint JNICALL reachable(JNIEnv *jni, jclass self, jobject root, jobjectArray objects,
                              jbyteArray met, jlong edges) {
  void *env = NULL;
  jint error;
  (void) self;
  if ((*vm)->GetEnv(vm, &env, JVMTI_VERSION_11) != JNI_OK || env == NULL) {
    return ERROR_NO_JVMTI;
  }
  error = walk_from(env, jni, root, objects, met, edges);
  (*(jvmtiEnv *) env)->DisposeEnvironment(env);
  return error;
}

/*
 * HotSpot's description of its own fields for the serviceability agent (vmStructs.hpp): a table of
 * entries whose layout is described by the other four. Weak, as another JVM need not have them.
 */
extern __attribute__((weak)) char *gHotSpotVMStructs;
extern __attribute__((weak)) uint64_t gHotSpotVMStructEntryTypeNameOffset;
extern __attribute__((weak)) uint64_t gHotSpotVMStructEntryFieldNameOffset;
extern __attribute__((weak)) uint64_t gHotSpotVMStructEntryOffsetOffset;
extern __attribute__((weak)) uint64_t gHotSpotVMStructEntryArrayStride;

static int equal(const char *a, const char *b) {
  while (*a != 0 && *a == *b) {
    a++;
    b++;
  }
  return *a == *b;
}

/* Where a field that is not static is in its object, or -1 if this JVM does not say. */
static jlong offset_of(const char *type, const char *field) {
  char *entry;
  if (&gHotSpotVMStructs == NULL || &gHotSpotVMStructEntryTypeNameOffset == NULL
      || &gHotSpotVMStructEntryFieldNameOffset == NULL
      || &gHotSpotVMStructEntryOffsetOffset == NULL || &gHotSpotVMStructEntryArrayStride == NULL) {
    return -1;
  }
  for (entry = gHotSpotVMStructs; entry != NULL; entry += gHotSpotVMStructEntryArrayStride) {
    const char *type_name = *(const char **) (entry + gHotSpotVMStructEntryTypeNameOffset);
    const char *field_name = *(const char **) (entry + gHotSpotVMStructEntryFieldNameOffset);
    if (type_name == NULL || field_name == NULL) {
      break;
    }
    if (equal(type_name, type) && equal(field_name, field)) {
      return (jlong) *(uint64_t *) (entry + gHotSpotVMStructEntryOffsetOffset);
    }
  }
  return -1;
}

static jlong JNICALL offset_of_java(JNIEnv *jni, jclass self, jstring type, jstring field) {
  const char *type_name = (*jni)->GetStringUTFChars(jni, type, NULL);
  const char *field_name =
      type_name == NULL ? NULL : (*jni)->GetStringUTFChars(jni, field, NULL);
  jlong offset = field_name == NULL ? -1 : offset_of(type_name, field_name);
  (void) self;
  if (field_name != NULL) {
    (*jni)->ReleaseStringUTFChars(jni, field, field_name);
  }
  if (type_name != NULL) {
    (*jni)->ReleaseStringUTFChars(jni, type, type_name);
  }
  return offset;
}

/* Looks the Java class up through the loader that loads this library, and binds its methods. */
JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *java_vm, void *reserved) {
  static const JNINativeMethod methods[] = {
      {"start", "(Ljava/lang/Class;I)I", start},
      {"setInterval", "(I)I", set_interval_of_java},
      {"stop", "()V", stop},
      {"counter", "(I)J", counter},
      {"offsetOf", "(Ljava/lang/String;Ljava/lang/String;)J", offset_of_java},
      {"reachable", "(Ljava/lang/Object;[Ljava/lang/Object;[BJ)I", reachable},
  };
  JNIEnv *jni = NULL;
  jclass library;
  (void) reserved;
  vm = java_vm;
  if ((*vm)->GetEnv(vm, (void **) &jni, JNI_VERSION_10) != JNI_OK) {
    return JNI_ERR;
  }
  library = (*jni)->FindClass(jni, "io/nodedb/mem/heap/SamplerLibrary");
  if (library == NULL
      || (*jni)->RegisterNatives(jni, library, methods, sizeof methods / sizeof *methods) != 0) {
    return JNI_ERR;
  }
  return JNI_VERSION_10;
}
