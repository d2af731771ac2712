/**
 * What the JVM starts: {@code premain}, {@code agentmain}, {@code main}. These classes are in the
 * application's class loader; they find the agent's jar, make the runtime's loader and hand over.
 */
package io.nodedb.mem.agent;
