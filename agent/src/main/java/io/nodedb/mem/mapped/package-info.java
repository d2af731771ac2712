/**
 * Files mapped in windows under one budget: {@link io.nodedb.mem.mapped.MappingManager} and what
 * goes with it. Windows are charged to the engines' accounts; see docs/mapped-memory.md.
 */
package io.nodedb.mem.mapped;
