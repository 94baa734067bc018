package net.sniproxy.proxy.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Failures of files in words. */
public final class IoFailure {
    private IoFailure() {}

    /** Why, without the file's name. */
    public static String describe(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            case CharacterCodingException _ -> "not UTF-8";
            default -> String.valueOf(e.getMessage());
        };
    }
}
