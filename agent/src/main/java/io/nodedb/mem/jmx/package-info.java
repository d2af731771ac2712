/** Budgets as managed beans. With {@code metrics} and the JVM's own beans, the sole user of JMX. */
package io.nodedb.mem.jmx;
