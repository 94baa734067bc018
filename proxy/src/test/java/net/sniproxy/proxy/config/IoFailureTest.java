package net.sniproxy.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class IoFailureTest {
    @Test
    void shouldSayWhyInWords() {
        assertThat(IoFailure.describe(new NoSuchFileException("file"))).isEqualTo("no such file");
        assertThat(IoFailure.describe(new MalformedInputException(1))).isEqualTo("not UTF-8");
        assertThat(IoFailure.describe(new IOException("Is a directory"))).isEqualTo("Is a directory");
    }

    @Test
    void shouldSayWhoMayNot() {
        assertThat(IoFailure.describe(new AccessDeniedException("file"))).startsWith("permission denied");
        assertThat(IoFailure.deniedTo("nobody")).isEqualTo("permission denied to user nobody");
        assertThat(IoFailure.deniedTo("?")).isEqualTo("permission denied");
    }
}
