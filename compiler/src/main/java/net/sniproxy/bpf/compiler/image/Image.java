package net.sniproxy.bpf.compiler.image;

import java.nio.ByteOrder;
import java.util.Map;
import net.sniproxy.bpf.spec.ObjectSpec;

/**
 * Compiled programs, and what they were compiled from.
 *
 * @param byteOrder of the machines that they are for
 * @param version4 whether they may use instruction set v4
 * @param classFiles CRC-32 of every class file that was read, by internal name; without those of the JDK
 * @param object the programs with their maps
 */
public record Image(ByteOrder byteOrder, boolean version4, Map<String, Integer> classFiles, ObjectSpec object) {
    static final int MAGIC = 0x65425046;
    static final int VERSION = 2;

    public Image {
        classFiles = Map.copyOf(classFiles);
    }

    /** The file's content. The same image gives the same bytes. */
    public byte[] toBytes() {
        return ImageWriter.write(this);
    }

    /**
     * Reads a file's content.
     *
     * @throws IllegalArgumentException if it is not an image of this version
     */
    public static Image of(byte[] bytes) {
        return ImageReader.read(bytes);
    }
}
