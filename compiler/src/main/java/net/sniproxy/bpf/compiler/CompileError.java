package net.sniproxy.bpf.compiler;

import net.sniproxy.bpf.compiler.ir.Position;

/**
 * One thing that cannot be compiled.
 *
 * @param program the program that needs it
 * @param position class, method and line
 * @param message what is not possible and what to write instead
 */
public record CompileError(String program, Position position, String message) {
    @Override
    public String toString() {
        return position + ": " + message;
    }
}
