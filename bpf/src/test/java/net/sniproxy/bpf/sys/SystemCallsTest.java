package net.sniproxy.bpf.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SystemCallsTest {
    private final SystemCalls system = SystemCalls.system();

    @Test
    void shouldReturnTheNegatedErrorNumber() {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(system.open(arena.allocateFrom("/no/such/file"), 0, 0)).isEqualTo(-Errno.ENOENT.number());
            assertThat(system.close(-1)).isEqualTo(-Errno.EBADF.number());
            assertThat(system.fcntl(-1, 1, 0)).isEqualTo(-Errno.EBADF.number());
            assertThat(system.bpf(0x7fff, arena.allocate(8), 8)).isNegative();
        }
    }

    @Test
    void shouldMapMemoryThatCanBeWritten() {
        int readWrite = 3;
        int privateAnonymous = 0x22;
        long address = system.mmap(4096, readWrite, privateAnonymous, -1, 0);
        assertThat(address).isPositive();
        try {
            MemorySegment page = Mapping.view(address, 4096);
            page.set(ValueLayout.JAVA_INT, 4092, 42);
            assertThat(page.get(ValueLayout.JAVA_INT, 4092)).isEqualTo(42);
        } finally {
            assertThat(system.munmap(address, 4096)).isZero();
        }
    }

    @Test
    void shouldSetAndGetSocketOptions() {
        int inet = 2;
        int stream = 1;
        int socketLevel = 1;
        int keepAlive = 9;
        try (Arena arena = Arena.ofConfined();
                Descriptor socket = Descriptor.own(system, system.socket(inet, stream, 0), "a socket")) {
            MemorySegment value = arena.allocate(4);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 4);
            value.set(ValueLayout.JAVA_INT, 0, 1);
            assertThat(system.setSocketOption(socket.number(), socketLevel, keepAlive, value, 4))
                    .isZero();
            value.set(ValueLayout.JAVA_INT, 0, 0);
            assertThat(system.getSocketOption(socket.number(), socketLevel, keepAlive, value, length))
                    .isZero();
            assertThat(value.get(ValueLayout.JAVA_INT, 0)).isEqualTo(1);
            assertThat(length.get(ValueLayout.JAVA_INT, 0)).isEqualTo(4);
        }
    }

    @Test
    void shouldWaitForEventsUntilTheTimeout() {
        try (Arena arena = Arena.ofConfined();
                Descriptor epoll = Descriptor.own(system, system.epollCreate(0), "an epoll instance")) {
            assertThat(system.epollWait(epoll.number(), arena.allocate(16), 1, 1))
                    .isZero();
        }
    }

    @Test
    void shouldRefuseAnArchitectureWithoutNumbers() {
        assertThat(SystemCallNumbers.of("aarch64").bpf()).isEqualTo(280);
        assertThat(SystemCallNumbers.of("amd64").bpf()).isEqualTo(321);
        assertThatThrownBy(() -> SystemCallNumbers.of("riscv64"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("riscv64");
    }

    @Test
    void shouldKnowNumbersAsTheKernelHeadersDo() throws Exception {
        Path generic = Path.of("/usr/include/asm-generic/unistd.h");
        assertThat(generic).as("headers of the kernel (package linux-libc-dev)").exists();
        String header = Files.readString(generic);
        SystemCallNumbers numbers = SystemCallNumbers.AARCH64;
        record Row(String name, int number) {}
        for (Row row : new Row[] {
            new Row("bpf", numbers.bpf()),
            new Row("munmap", numbers.munmap()),
            new Row("close", numbers.close()),
            new Row("openat", numbers.openat()),
            new Row("epoll_create1", numbers.epollCreate1()),
            new Row("epoll_ctl", numbers.epollCtl()),
            new Row("epoll_pwait", numbers.epollPwait()),
            new Row("socket", numbers.socket()),
            new Row("bind", numbers.bind()),
            new Row("sendto", numbers.sendto()),
            new Row("recvfrom", numbers.recvfrom()),
            new Row("setsockopt", numbers.setsockopt()),
            new Row("getsockopt", numbers.getsockopt()),
            new Row("mount", numbers.mount()),
            new Row("umount2", numbers.umount2()),
            new Row("setns", numbers.setns()),
            new Row("prctl", numbers.prctl()),
            new Row("setgroups", numbers.setgroups()),
            new Row("setresgid", numbers.setresgid()),
            new Row("setresuid", numbers.setresuid()),
            new Row("capset", numbers.capset()),
            new Row("execve", numbers.execve())
        }) {
            Matcher matcher =
                    Pattern.compile("#define __NR_" + row.name() + " (\\d+)").matcher(header);
            assertThat(matcher.find()).as(row.name()).isTrue();
            assertThat(row.number()).as(row.name()).isEqualTo(Integer.parseInt(matcher.group(1)));
        }
    }

    @Test
    void shouldNameErrors() {
        assertThat(Errno.of(-1)).isEqualTo(Errno.EPERM).hasToString("EPERM: operation not permitted");
        assertThat(Errno.E2BIG.name()).isEqualTo("E2BIG");
        assertThat(new Errno(77).name()).isEqualTo("errno 77");
        assertThatThrownBy(() -> new Errno(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
