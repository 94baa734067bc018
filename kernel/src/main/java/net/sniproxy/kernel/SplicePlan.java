package net.sniproxy.kernel;

/**
 * The map entries that join two connections.
 *
 * @param upKey the key of {@link #up} in {@link SpliceMaps#FLOWS}
 * @param up from the client to the upstream
 * @param downKey the key of {@link #down}
 * @param down from the upstream to the client
 * @param splice the entry of {@link SpliceMaps#SPLICES}
 */
public record SplicePlan(FlowKey upKey, Flow up, FlowKey downKey, Flow down, Splice splice) {
    /**
     * Joins the two legs.
     *
     * <p>Byte i of the client's stream is byte i of the upstream's, behind {@code prefix} bytes that the proxy puts in front.
     * The client's stream stands at {@code helloBytes}, of which nothing has been sent to the upstream.
     *
     * @param id the key of the splice
     * @param client the leg to the client, after {@code helloBytes} bytes were read from it and nothing else is unread
     * @param upstream the leg to the upstream, before the prefix and the hello are sent
     * @param helloBytes bytes read from the client that are still to be sent
     * @param prefix bytes that the proxy sends before them
     * @param now nanoseconds on the monotonic clock
     * @throws IllegalArgumentException when one leg has timestamps and the other has not
     */
    public static SplicePlan of(long id, SpliceLeg client, SpliceLeg upstream, int helloBytes, int prefix, long now) {
        if (client.timestamps() != upstream.timestamps()) {
            throw new IllegalArgumentException("one leg has TCP timestamps and the other has not");
        }
        int threshold = upstream.sendNext() + prefix + helloBytes;
        int upDelta = threshold - client.receiveNext();
        int downDelta = client.sendNext() - upstream.receiveNext();

        Flow up = flow(id, Flow.UP, client, upstream);
        up.sequenceDelta = upDelta;
        up.acknowledgementDelta = -downDelta;
        up.threshold = client.receiveNext();
        Flow down = flow(id, Flow.DOWN, upstream, client);
        down.sequenceDelta = downDelta;
        down.acknowledgementDelta = -upDelta;
        down.threshold = threshold;

        Splice splice = new Splice();
        splice.state = Splice.ARMED;
        splice.armedAt = now;
        splice.lastMoved = now;
        start(splice.up, client, upstream);
        start(splice.down, upstream, client);
        return new SplicePlan(client.incoming(), up, upstream.incoming(), down, splice);
    }

    /** The key of the other direction: of the packets that answer those that {@code flow} has rewritten. */
    public static FlowKey back(Flow flow) {
        return new FlowKey(
                flow.destination0,
                flow.destination1,
                flow.destination2,
                flow.destination3,
                flow.source0,
                flow.source1,
                flow.source2,
                flow.source3,
                swapped(flow.ports));
    }

    /** Two 16-bit halves change places, in either byte order. */
    private static int swapped(int ports) {
        return ports << 16 | ports >>> 16;
    }

    private static Flow flow(long id, int direction, SpliceLeg from, SpliceLeg to) {
        FlowKey back = to.incoming();
        Flow flow = new Flow();
        flow.splice = id;
        flow.direction = (byte) direction;
        flow.initial = from.initial();
        flow.source0 = back.destination0();
        flow.source1 = back.destination1();
        flow.source2 = back.destination2();
        flow.source3 = back.destination3();
        flow.destination0 = back.source0();
        flow.destination1 = back.source1();
        flow.destination2 = back.source2();
        flow.destination3 = back.source3();
        flow.ports = swapped(back.ports());
        flow.ifindex = to.ifindex();
        flow.windowScaleIn = (byte) from.peerWindowScale();
        flow.windowScaleOut = (byte) to.ownWindowScale();
        flow.flags = (to.sack() ? Flow.SACK : 0)
                | (from.ecn() && to.ecn() ? Flow.ECN : 0)
                | (to.onLink() ? Flow.ON_LINK : 0);
        return flow;
    }

    private static void start(SpliceDirection direction, SpliceLeg from, SpliceLeg to) {
        direction.next = from.receiveNext();
        direction.acknowledgement = from.sendNext();
        direction.clock = to.clock();
    }
}
