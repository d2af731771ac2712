/** What the engines have in common: their contract and the figures kept about them. */
package io.nodedb.mem.sample.engine;
