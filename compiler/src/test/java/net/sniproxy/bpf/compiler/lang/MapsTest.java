package net.sniproxy.bpf.compiler.lang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.sniproxy.bpf.layout.Length;
import net.sniproxy.bpf.layout.Struct;
import org.junit.jupiter.api.Test;

/** The JVM's maps keep what the kernel's keep. */
class MapsTest {
    @Struct
    static final class Counters {
        long bytes;
        final U32 packets = new U32();

        @Length(4)
        final byte[] address = new byte[4];
    }

    @Struct
    record Pair(int first, int second) {}

    record Prefix(int prefixLength, byte a, byte b) implements PrefixKey {
        @Override
        public byte[] prefixBytes() {
            return new byte[] {a, b};
        }
    }

    @Test
    void shouldCopyOnUpdateAndGiveTheLiveValueOnLookup() {
        BpfHash<Pair, Counters> map = BpfHash.of(4);
        Counters value = new Counters();
        value.bytes = 1;
        value.packets.value = 2;
        value.address[3] = 3;
        assertThat(map.update(new Pair(1, 2), value, UpdateFlags.ANY)).isZero();
        value.bytes = 100;
        value.packets.value = 100;
        value.address[3] = 100;

        Counters live = map.lookup(new Pair(1, 2));
        assertThat(live.bytes).isEqualTo(1);
        assertThat(live.packets.value).isEqualTo(2);
        assertThat(live.address[3]).isEqualTo((byte) 3);
        live.bytes++;
        assertThat(map.lookup(new Pair(1, 2)).bytes).isEqualTo(2);
    }

    @Test
    void shouldAnswerWithTheKernelsErrors() {
        BpfHash<Long, U64> map = BpfHash.of(2);

        assertThat(map.update(1L, new U64(), UpdateFlags.EXIST)).isEqualTo(Errno.ENOENT);
        assertThat(map.update(1L, new U64(), UpdateFlags.NO_EXIST)).isZero();
        assertThat(map.update(1L, new U64(), UpdateFlags.NO_EXIST)).isEqualTo(Errno.EEXIST);
        assertThat(map.update(2L, new U64(), UpdateFlags.ANY)).isZero();
        assertThat(map.update(3L, new U64(), UpdateFlags.ANY)).isEqualTo(Errno.E2BIG);
        assertThat(map.update(2L, new U64(), UpdateFlags.ANY))
                .as("replacing needs no room")
                .isZero();
        assertThat(map.delete(3L)).isEqualTo(Errno.ENOENT);
        assertThat(map.delete(2L)).isZero();
        assertThat(map.lookup(2L)).isNull();
    }

    @Test
    void shouldEvictFromAFullLruMap() {
        BpfLruHash<Integer, U8> map = BpfLruHash.of(2);
        map.update(1, new U8(), UpdateFlags.ANY);
        map.update(2, new U8(), UpdateFlags.ANY);

        assertThat(map.update(3, new U8(), UpdateFlags.ANY)).isZero();
        assertThat(map.entries()).containsOnlyKeys(2, 3);
    }

    @Test
    void shouldFindTheLongestPrefix() {
        BpfLpmTrie<Prefix, U8> map = BpfLpmTrie.of(8);
        map.update(new Prefix(0, (byte) 0, (byte) 0), new U8((byte) 1), UpdateFlags.ANY);
        map.update(new Prefix(9, (byte) 0x0a, (byte) 0x80), new U8((byte) 2), UpdateFlags.ANY);
        map.update(new Prefix(16, (byte) 0x0a, (byte) 0x81), new U8((byte) 3), UpdateFlags.ANY);

        assertThat(map.lookup(new Prefix(16, (byte) 0x0a, (byte) 0x81)).value).isEqualTo((byte) 3);
        assertThat(map.lookup(new Prefix(16, (byte) 0x0a, (byte) 0xff)).value).isEqualTo((byte) 2);
        assertThat(map.lookup(new Prefix(16, (byte) 0x0a, (byte) 0x7f)).value).isEqualTo((byte) 1);
        assertThat(map.lookup(new Prefix(8, (byte) 0x0a, (byte) 0x81)).value).isEqualTo((byte) 1);
    }

    @Test
    void shouldHaveEveryIndexOfAnArrayAndNoOther() {
        BpfPerCpuArray<U64> map = BpfPerCpuArray.of(3, U64::new);

        map.lookup(2).value += 5;
        assertThat(map.lookup(2).value).isEqualTo(5);
        assertThat(map.lookup(3)).isNull();
        assertThat(map.lookup(-1)).isNull();
    }

    @Test
    void shouldKeepStorageBySocket() {
        BpfSkStorage<U64> map = BpfSkStorage.create();
        BpfSock socket = BpfSock.tcp4(1, 2, 3, 4);
        BpfSock twin = BpfSock.tcp4(1, 2, 3, 4);

        assertThat(map.get(socket, null, 0)).isNull();
        map.get(socket, new U64(7), BpfSkStorage.CREATE).value++;
        assertThat(map.get(socket, null, 0).value).isEqualTo(8);
        assertThat(map.get(twin, null, 0)).isNull();
        assertThat(map.delete(socket)).isZero();
        assertThat(map.delete(socket)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void shouldRefuseRecordsOfAFullRing() {
        BpfRingBuffer<U64> ring = BpfRingBuffer.of(1);

        assertThat(ring.output(new U64(1), 0)).isZero();
        assertThat(ring.output(new U64(2), 0)).isEqualTo(Errno.EAGAIN);
        assertThat(ring.records()).hasSize(1);
    }

    @Test
    void shouldRefuseValuesThatAreNoStructs() {
        BpfHash<Integer, Object> map = BpfHash.of(1);
        class Local {
            @SuppressWarnings("unused")
            Local(int parameter) {}
        }

        assertThatThrownBy(() -> map.update(1, new Local(1), 0)).isInstanceOf(KernelRuleViolation.class);
    }
}
