/**
 * The optimiser: small passes over the SSA graph, run until nothing changes.
 *
 * <p>Each pass is one class with a static {@code run} that tells whether it changed the function. None of them moves a
 * load or a division to a place where the program did not ask for it: the verifier would not see the check that made it
 * safe.
 */
@NullMarked
package net.sniproxy.bpf.compiler.opt;

import org.jspecify.annotations.NullMarked;
