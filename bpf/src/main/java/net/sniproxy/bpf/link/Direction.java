package net.sniproxy.bpf.link;

import net.sniproxy.bpf.spec.AttachType;

/** Which packets of an interface a program for traffic control sees. */
public enum Direction {
    /** Those that arrive. */
    INGRESS(AttachType.TCX_INGRESS, 0xfffffff2),
    /** Those that leave. */
    EGRESS(AttachType.TCX_EGRESS, 0xfffffff3);

    private final AttachType attachType;
    private final int clsactParent;

    Direction(AttachType attachType, int clsactParent) {
        this.attachType = attachType;
        this.clsactParent = clsactParent;
    }

    AttachType attachType() {
        return attachType;
    }

    /** The class of clsact that classifiers of this direction hang on. */
    int clsactParent() {
        return clsactParent;
    }
}
