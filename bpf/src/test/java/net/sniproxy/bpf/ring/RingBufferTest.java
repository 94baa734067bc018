package net.sniproxy.bpf.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.asm.AluOperation;
import net.sniproxy.bpf.asm.Assembler;
import net.sniproxy.bpf.asm.AtomicOperation;
import net.sniproxy.bpf.asm.Condition;
import net.sniproxy.bpf.asm.Helper;
import net.sniproxy.bpf.asm.Instruction.AluConstant;
import net.sniproxy.bpf.asm.Instruction.AtomicUpdate;
import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.Load;
import net.sniproxy.bpf.asm.Instruction.LoadMap;
import net.sniproxy.bpf.asm.Instruction.Move;
import net.sniproxy.bpf.asm.Instruction.MoveConstant;
import net.sniproxy.bpf.asm.Instruction.Store;
import net.sniproxy.bpf.asm.Instruction.StoreConstant;
import net.sniproxy.bpf.asm.Label;
import net.sniproxy.bpf.asm.Register;
import net.sniproxy.bpf.asm.Size;
import net.sniproxy.bpf.asm.Width;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.program.TestRun;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestPrograms;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class RingBufferTest {
    private static final int SIZE = 4096;
    /** A record of 8 bytes and its header. */
    private static final int RECORD = 16;

    private final Kernel kernel = Kernel.running();
    private LoadedObject object;
    private RingBuffer ring;
    private LostRecords lost;

    @BeforeEach
    void load() {
        object = LoadedObject.load(kernel, sender());
        ring = RingBuffer.open(kernel, object.map("EVENTS"));
        lost = new LostRecords(object.map("LOST"), 0);
    }

    @AfterEach
    void close() {
        ring.close();
        object.close();
    }

    @Test
    void shouldHandOverRecordsInOrder() {
        List<Long> received = new ArrayList<>();
        // More than once around the buffer, so that records wrap.
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 100; i++) {
                send(round * 100L + i);
            }
            assertThat(ring.backlogBytes()).isEqualTo(100 * RECORD);
            assertThat(ring.poll(data -> received.add(number(data)))).isEqualTo(100);
        }
        assertThat(received)
                .isEqualTo(IntStream.range(0, 1000).mapToObj(i -> (long) i).toList());
        assertThat(ring.poll(data -> received.add(number(data)))).isZero();
        assertThat(lost.count()).isZero();
    }

    @Test
    void shouldCountWhatDidNotFit() {
        int fits = SIZE / RECORD;
        for (int i = 0; i < fits + 20; i++) {
            send(i);
        }
        List<Long> received = new ArrayList<>();
        ring.poll(data -> received.add(number(data)));
        assertThat(received).hasSizeBetween(fits - 1, fits);
        assertThat(received.size() + lost.count()).isEqualTo(fits + 20);
    }

    @Test
    void shouldWaitForARecord() throws Exception {
        CompletableFuture<Long> received = new CompletableFuture<>();
        Thread consumer = Thread.ofPlatform().start(() -> {
            while (!received.isDone()) {
                ring.await(Duration.ofMinutes(1), data -> received.complete(number(data)));
            }
        });
        send(77);
        assertThat(received.get(1, TimeUnit.MINUTES)).isEqualTo(77);
        consumer.join();
    }

    @Test
    void shouldGiveUpAfterTheTimeout() {
        long before = System.nanoTime();
        assertThat(ring.await(Duration.ofMillis(30), data -> {})).isZero();
        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(29_000_000);
        assertThat(ring.await(Duration.ZERO, data -> {})).isZero();
    }

    @Test
    void shouldNotHandOverARecordTwiceAfterAFailure() {
        send(1);
        send(2);
        assertThatThrownBy(() -> ring.poll(data -> {
                    throw new IllegalArgumentException("on purpose");
                }))
                .hasMessage("on purpose");
        List<Long> received = new ArrayList<>();
        ring.poll(data -> received.add(number(data)));
        assertThat(received).containsExactly(2L);
    }

    @Test
    void shouldHandOverMemoryThatCannotBeWritten() {
        send(1);
        int count = ring.poll(data -> {
            assertThat(data.byteSize()).isEqualTo(8);
            assertThat(data.isReadOnly()).isTrue();
        });
        assertThat(count).isEqualTo(1);
    }

    @Test
    void shouldEndAWaitWhenItIsClosed() throws Exception {
        FutureTask<Integer> consumer = new FutureTask<>(() -> ring.await(Duration.ofMinutes(5), data -> {}));
        Thread thread = Thread.ofPlatform().start(consumer);
        // Not before: a ring buffer that is closed already lets nobody wait.
        Eventually.holds(() -> assertThat(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(RingWait.class.getName())));
        ring.close();
        assertThat(consumer.get(1, TimeUnit.MINUTES)).isZero();
        assertThatThrownBy(() -> ring.poll(data -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the ring buffer is closed");
    }

    @Test
    void shouldRefuseAnotherTypeOfMap() {
        assertThatThrownBy(() -> RingBuffer.open(kernel, object.map("LOST")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("map LOST is a PERCPU_ARRAY, not a RINGBUF");
    }

    private static long number(MemorySegment data) {
        return data.get(ValueLayout.JAVA_LONG, 0);
    }

    /** The program sends the first eight bytes of the packet. */
    private void send(long number) {
        byte[] packet = ByteBuffer.allocate(64)
                .order(ByteOrder.nativeOrder())
                .putLong(number)
                .array();
        Program program = object.program("send");
        assertThat(program.run(TestRun.onPacket(packet)).returnValue()).isEqualTo(2);
    }

    private static ObjectSpec sender() {
        Label pass = Label.named("pass");
        Assembler code = new Assembler()
                .add(new Load(Size.U32, Register.R2, Register.R1, (short) 0))
                .add(new Load(Size.U32, Register.R3, Register.R1, (short) 4))
                .add(new Move(Width.BITS_64, Register.R4, Register.R2))
                .add(new AluConstant(Width.BITS_64, AluOperation.ADD, Register.R4, 8))
                .jumpIf(Width.BITS_64, Condition.GT, Register.R4, Register.R3, pass)
                .add(new Load(Size.U64, Register.R5, Register.R2, (short) 0))
                .add(new Store(Size.U64, Register.R10, (short) -8, Register.R5))
                .add(new LoadMap(Register.R1, "EVENTS"))
                .add(new Move(Width.BITS_64, Register.R2, Register.R10))
                .add(new AluConstant(Width.BITS_64, AluOperation.ADD, Register.R2, -8))
                .add(new MoveConstant(Width.BITS_64, Register.R3, 8))
                .add(new MoveConstant(Width.BITS_64, Register.R4, 0))
                .add(Helper.RINGBUF_OUTPUT.call())
                .jumpIf(Width.BITS_64, Condition.EQ, Register.R0, 0, pass)
                .add(new StoreConstant(Size.U32, Register.R10, (short) -12, 0))
                .add(new LoadMap(Register.R1, "LOST"))
                .add(new Move(Width.BITS_64, Register.R2, Register.R10))
                .add(new AluConstant(Width.BITS_64, AluOperation.ADD, Register.R2, -12))
                .add(Helper.MAP_LOOKUP_ELEM.call())
                .jumpIf(Width.BITS_64, Condition.EQ, Register.R0, 0, pass)
                .add(new MoveConstant(Width.BITS_64, Register.R1, 1))
                .add(new AtomicUpdate(Size.U64, AtomicOperation.ADD, Register.R0, (short) 0, Register.R1))
                .label(pass)
                .add(new MoveConstant(Width.BITS_64, Register.R0, 2), new Exit());
        return TestPrograms.object(
                TestPrograms.program("send", ProgramType.XDP, code).build(),
                MapSpec.named("EVENTS", MapType.RINGBUF).maxEntries(SIZE).build(),
                MapSpec.named("LOST", MapType.PERCPU_ARRAY)
                        .key(IntegerLayout.U32)
                        .value(IntegerLayout.U64)
                        .maxEntries(1)
                        .build());
    }
}
