/** Replicated documents: Automerge, through JNI. */
package io.nodedb.mem.sample.crdt;
