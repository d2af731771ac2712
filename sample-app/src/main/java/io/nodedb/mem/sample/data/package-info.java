/** Input: the text corpus, vectors made from it, and the file formats that --data brings. */
package io.nodedb.mem.sample.data;
