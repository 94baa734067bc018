package net.sniproxy.proxy.admin;

import tools.jackson.databind.JsonNode;

/** Obeys one kind of request. Called on a thread that may block, several at a time. */
@FunctionalInterface
public interface AdminCommand {
    /**
     * Obeys it.
     *
     * @param arguments an object
     * @return what stands under {@code ok} in the answer
     * @throws IllegalArgumentException if an argument is wrong; the message goes to whoever asked
     * @throws IllegalStateException if it cannot be done now; the message goes to whoever asked
     */
    JsonNode answer(JsonNode arguments);
}
