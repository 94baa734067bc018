package net.sniproxy.proxy.admin;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import net.sniproxy.kernel.FilterMaps;
import net.sniproxy.proxy.filter.Cidr;
import net.sniproxy.proxy.filter.xdp.FilterStatus;
import net.sniproxy.proxy.filter.xdp.Removal;
import net.sniproxy.proxy.filter.xdp.XdpFilter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Requests about the source filter in the kernel. */
public final class FilterRequests {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Optional<XdpFilter> running;

    private FilterRequests(Optional<XdpFilter> running) {
        this.running = running;
    }

    /** All of them, by name. */
    public static Map<String, AdminCommand> of(Optional<XdpFilter> filter) {
        FilterRequests commands = new FilterRequests(filter);
        return Map.of(
                "filter.allow.add", commands::allow,
                "filter.allow.del", commands.remove(XdpFilter::removeAllowed),
                "filter.allow.list", commands::allowed,
                "filter.deny.add", commands::deny,
                "filter.deny.del", commands.remove(XdpFilter::removeDenied),
                "filter.deny.list", commands::denied,
                "filter.status", commands::status,
                "filter.commit", commands::commit,
                "filter.revert", commands::revert);
    }

    private XdpFilter filter() {
        return running.orElseThrow(
                () -> new IllegalStateException(
                        "the source filter does not run; ebpf.xdp.enabled switches it on, and the log says if it could not start"));
    }

    private JsonNode allow(JsonNode arguments) {
        List<Cidr> blocks = Arguments.blocks(arguments);
        filter().allow(blocks);
        return changed(blocks.size(), filter());
    }

    private AdminCommand remove(BiFunction<XdpFilter, List<Cidr>, Removal> remove) {
        return arguments -> {
            Removal removal = remove.apply(filter(), Arguments.blocks(arguments));
            ObjectNode answer = changed(removal.removed(), filter());
            ArrayNode configured = answer.putArray("configured");
            removal.configured().forEach(block -> configured.add(block.toString()));
            return answer;
        };
    }

    private JsonNode deny(JsonNode arguments) {
        List<Cidr> blocks = Arguments.blocks(arguments);
        filter().deny(blocks, Arguments.seconds(arguments, "ttl_seconds"));
        return changed(blocks.size(), filter());
    }

    private static ObjectNode changed(int count, XdpFilter filter) {
        return JSON.createObjectNode().put("changed", count).put("kept", filter.keepsChanges());
    }

    private JsonNode allowed(JsonNode arguments) {
        ArrayNode list = JSON.createArrayNode();
        filter().status().allow().stream().map(Cidr::toString).sorted().forEach(list::add);
        return list;
    }

    private JsonNode denied(JsonNode arguments) {
        ArrayNode list = JSON.createArrayNode();
        long now = System.nanoTime();
        filter().status().deny().forEach((block, until) -> {
            ObjectNode entry = list.addObject().put("source", block.toString());
            if (until != FilterMaps.FOR_GOOD) {
                entry.put("seconds_left", Duration.ofNanos(until - now).toSeconds());
            }
        });
        return list;
    }

    private JsonNode status(JsonNode arguments) {
        FilterStatus status = filter().status();
        ObjectNode answer = JSON.createObjectNode();
        ObjectNode interfaces = answer.putObject("interfaces");
        status.interfaces().forEach(interfaces::put);
        answer.put("scope", status.scope().name().toLowerCase(Locale.ROOT));
        answer.put("judges", status.judges());
        answer.put("allow", status.allow().size());
        answer.put("deny", status.deny().size());
        status.synRatePerSource().ifPresent(rate -> answer.put("syn_rate_per_source", rate));
        answer.put("passed", status.passed());
        ObjectNode dropped = answer.putObject("dropped");
        status.dropped().forEach((reason, count) -> dropped.put(reason.label(), count));
        return answer;
    }

    private JsonNode commit(JsonNode arguments) {
        Optional<Duration> trial = Arguments.seconds(arguments, "confirm_seconds");
        if (trial.isPresent()) {
            filter().trial(trial.get());
        } else {
            filter().confirm();
        }
        return JSON.createObjectNode().put("judges", filter().status().judges());
    }

    private JsonNode revert(JsonNode arguments) {
        filter().revert();
        return JSON.createObjectNode().put("judges", filter().status().judges());
    }
}
