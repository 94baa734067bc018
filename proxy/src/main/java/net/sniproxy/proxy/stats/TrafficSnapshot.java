package net.sniproxy.proxy.stats;

import java.util.List;
import java.util.Map;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.LiveConnection;

/**
 * All traffic since the start of this process, open connections included: what each has moved counts exactly once, whether it
 * is open or has ended. A connection that an earlier process began counts with all its bytes.
 *
 * @param accepted connections accepted, or taken over from an earlier process
 * @param open of these, those that are open
 * @param ended connections that have ended, by how
 * @param paths forwarded connections, by data path; every path is there
 * @param relayed of all bytes, those that user space copied
 * @param routes routed connections, by the pattern of the route
 * @param names routed connections, by server name
 * @param clients routed connections, by client address
 * @param busiest the open connections that have moved most, the busiest first
 */
public record TrafficSnapshot(
        long accepted,
        long open,
        Map<Ending, Long> ended,
        Map<DataPathKind, Volume> paths,
        Volume relayed,
        Map<String, Volume> routes,
        Map<String, Volume> names,
        Map<String, Volume> clients,
        List<LiveConnection> busiest) {}
