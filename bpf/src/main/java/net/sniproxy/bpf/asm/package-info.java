/**
 * eBPF instructions as values, assembled to and from bytes and text.
 *
 * <p>Each instruction of instruction sets v1 to v4 is a record of the sealed {@link
 * net.sniproxy.bpf.asm.Instruction}, so that a {@code switch} over them is checked for completeness. What is not known
 * before a program is linked or loaded (a map, a function) is named by a {@link
 * net.sniproxy.bpf.asm.Instruction.Symbolic} instruction.
 *
 * <pre>
 * program     = { instruction }                     a list; jumps count 8-byte slots from the next instruction
 * Assembler   : instructions + labels + lines  -&gt; AssembledCode
 * Encoder     : instructions                   -&gt; bytes of either byte order    (RFC 9669)
 * Decoder     : bytes of either byte order     -&gt; instructions, or an error that names the slot
 * Disassembler: instructions                   -&gt; the kernel's own notation
 * </pre>
 *
 * <p>The bytes and the decoder are exact inverses: what was decoded encodes to the same bytes, and bytes with something
 * in a field that an instruction does not use are refused rather than lost.
 */
@NullMarked
package net.sniproxy.bpf.asm;

import org.jspecify.annotations.NullMarked;
