/**
 * The agent's settings: built-in defaults, {@code nodedb-mem.conf}, environment and agent
 * arguments, later wins, checked as a whole and handed on as immutable records. Knows the API
 * module, the JDK and Typesafe Config; nothing else of the agent.
 *
 * <p>A broken configuration ends in one {@link io.nodedb.mem.config.ConfigException}, whose message
 * is one line that names key, value, place and remedy. There is no partial result.
 */
package io.nodedb.mem.config;
