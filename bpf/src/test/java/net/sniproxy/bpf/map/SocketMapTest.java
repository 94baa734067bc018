package net.sniproxy.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.SocketPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
class SocketMapTest {
    private static final int SOL_SOCKET = 1;
    private static final int SO_COOKIE = 57;

    private final Kernel kernel = Kernel.running();

    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"SOCKMAP", "SOCKHASH"})
    void shouldHoldSocketsUntilTheyAreClosed(MapType type) throws Exception {
        MapSpec spec = MapSpec.named("SOCKETS", type)
                .key(IntegerLayout.U32)
                .value(IntegerLayout.U64)
                .maxEntries(4)
                .build();
        try (BpfMap map = BpfMap.create(kernel, spec)) {
            SocketMap<Integer> sockets = SocketMap.of(map, Codec.u32());
            try (SocketPair pair = SocketPair.connect()) {
                int client = pair.clientDescriptor();
                assertThat(sockets.cookie(1)).isEmpty();
                assertThat(sockets.update(1, client, UpdateMode.NO_EXIST)).isTrue();
                assertThat(sockets.update(1, client, UpdateMode.NO_EXIST)).isFalse();
                assertThat(sockets.cookie(1)).hasValue(cookie(client));
                assertThat(sockets.delete(1)).isTrue();
                assertThat(sockets.cookie(1)).isEmpty();
                sockets.update(2, client, UpdateMode.ANY);
            }
            assertThat(sockets.cookie(2)).isEmpty();
            assertThatThrownBy(() -> sockets.update(3, map.descriptor().number(), UpdateMode.ANY))
                    .isInstanceOf(BpfException.class);
        }
    }

    @Test
    void shouldHangValuesOnSockets() throws Exception {
        MapSpec spec = MapSpec.named("STORAGE", MapType.SK_STORAGE)
                .key(IntegerLayout.U32)
                .value(IntegerLayout.U64)
                .build();
        try (LoadedObject object = LoadedObject.load(kernel, new ObjectSpec(List.of(spec), List.of()));
                SocketPair pair = SocketPair.connect()) {
            SocketStorage<Long> storage = SocketStorage.of(object.map("STORAGE"), Codec.u64());
            int client = pair.clientDescriptor();

            assertThat(storage.lookup(client)).isEmpty();
            assertThat(storage.update(client, 5L, UpdateMode.NO_EXIST)).isTrue();
            assertThat(storage.update(client, 6L, UpdateMode.NO_EXIST)).isFalse();
            assertThat(storage.lookup(client)).contains(5L);
            assertThat(storage.delete(client)).isTrue();
            assertThat(storage.delete(client)).isFalse();
        }
    }

    private long cookie(int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, Long.BYTES);
            int result = kernel.calls().getSocketOption(socket, SOL_SOCKET, SO_COOKIE, value, length);
            assertThat(result).isZero();
            return value.get(ValueLayout.JAVA_LONG, 0);
        }
    }
}
