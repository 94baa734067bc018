package net.sniproxy.bench.clang;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Counts the instructions in an object file of clang: the size of its executable sections. */
final class ElfCode {
    private static final int SECTION_TABLE = 0x28;
    private static final int SECTION_SIZE = 0x3a;
    private static final int SECTION_COUNT = 0x3c;
    private static final int FLAGS = 8;
    private static final int SIZE = 32;
    private static final long EXECUTABLE = 4;
    private static final int SLOT = 8;

    private ElfCode() {}

    static int slots(Path object) throws IOException {
        ByteBuffer elf = ByteBuffer.wrap(Files.readAllBytes(object)).order(ByteOrder.LITTLE_ENDIAN);
        int table = (int) elf.getLong(SECTION_TABLE);
        long bytes = 0;
        for (int i = 0; i < elf.getShort(SECTION_COUNT); i++) {
            int header = table + i * elf.getShort(SECTION_SIZE);
            if ((elf.getLong(header + FLAGS) & EXECUTABLE) != 0) {
                bytes += elf.getLong(header + SIZE);
            }
        }
        return (int) bytes / SLOT;
    }
}
