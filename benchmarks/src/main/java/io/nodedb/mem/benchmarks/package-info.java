/** What the hot paths cost, beside what peers charge for the same. See the module's README. */
package io.nodedb.mem.benchmarks;
