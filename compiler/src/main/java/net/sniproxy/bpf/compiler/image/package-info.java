/**
 * Compiled programs as a file beside their class files, so that a start does not have to compile what was compiled when the
 * jar was built. What is in a file, all numbers big endian:
 *
 * <pre>
 * magic, version
 * byte order, instruction set
 * strings            each once; everywhere else a string is its number
 * class files        name and CRC-32 of each that was compiled
 * maps               name, type, layouts of key and value, entries, flags, whether pinned
 * programs           name, type, attachment, license, functions
 *   functions        name, prototype, slots of code, maps and functions that slots refer to, source lines
 * </pre>
 */
@NullMarked
package net.sniproxy.bpf.compiler.image;

import org.jspecify.annotations.NullMarked;
