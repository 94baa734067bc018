package net.sniproxy.proxy.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Failures of files in words. */
public final class IoFailure {
    /** What Java calls a user whose id has no name. */
    private static final String UNKNOWN = "?";

    private IoFailure() {}

    /** Why, without the file's name. */
    public static String describe(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> denied();
            case CharacterCodingException _ -> "not UTF-8";
            default -> String.valueOf(e.getMessage());
        };
    }

    /** To whom: the proxy may have become another user than the one who started it. */
    public static String denied() {
        return deniedTo(System.getProperty("user.name", UNKNOWN));
    }

    static String deniedTo(String user) {
        return "permission denied" + (user.equals(UNKNOWN) ? "" : " to user " + user);
    }
}
