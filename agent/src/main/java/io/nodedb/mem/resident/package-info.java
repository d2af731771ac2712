/** What the whole process occupies, and which part of that is nobody's budget. */
package io.nodedb.mem.resident;
