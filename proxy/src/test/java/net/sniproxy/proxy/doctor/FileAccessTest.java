package net.sniproxy.proxy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.user.ServiceUser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of whoever runs the test, seen by their owner, by one of the owner's group, and by a stranger. */
class FileAccessTest {
    private static final int STRANGER = 65_531;

    @TempDir
    Path folder;

    private FileAccess owner;
    private FileAccess member;
    private FileAccess stranger;

    @BeforeEach
    void openTheFolder() throws IOException {
        allow(folder, "rwx--x--x");
        int user = (int) Files.getAttribute(folder, "unix:uid");
        int group = (int) Files.getAttribute(folder, "unix:gid");
        owner = access(new ServiceUser(user, STRANGER, List.of()));
        member = access(new ServiceUser(STRANGER, STRANGER, List.of(group)));
        stranger = access(new ServiceUser(STRANGER, STRANGER, List.of()));
    }

    private static FileAccess access(ServiceUser user) {
        return new FileAccess(Optional.of(user));
    }

    private static void allow(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private Path file(String name, String permissions) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "");
        allow(file, permissions);
        return file;
    }

    @Test
    void shouldGoByTheBitsOfTheFirstWhoFits() throws IOException {
        Path file = file("file", "rw-r-----");
        assertThat(List.of(owner.mayRead(file), member.mayRead(file), stranger.mayRead(file)))
                .containsExactly(true, true, false);
        assertThat(List.of(owner.mayWrite(file), member.mayWrite(file), stranger.mayWrite(file)))
                .containsExactly(true, false, false);

        // Who is in the group gets no more than the group, even where others do.
        allow(file, "rw----rw-");
        assertThat(List.of(member.mayRead(file), stranger.mayRead(file), stranger.mayWrite(file)))
                .containsExactly(false, true, true);
    }

    @Test
    void shouldAskEveryFolderAbove() throws IOException {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Path file = Files.writeString(closed.resolve("file"), "");
        allow(file, "rw-rw-rw-");
        allow(closed, "rwx------");

        assertThat(owner.mayRead(file)).isTrue();
        assertThat(stranger.mayRead(file)).isFalse();
        assertThat(stranger.mayWrite(file)).isFalse();
    }

    @Test
    void shouldMakeMissingFoldersWhereTheLastThatIsThereLets() throws IOException {
        Path file = folder.resolve("new/newer/file");
        assertThat(owner.mayWrite(file)).isTrue();
        assertThat(owner.mayReplace(file)).isTrue();
        assertThat(stranger.mayWrite(file)).isFalse();

        allow(folder, "rwxrwxrwx");
        assertThat(stranger.mayWrite(file)).isTrue();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldNeedTheFolderToReplaceAFile() throws IOException {
        Path file = file("file", "rw-rw-rw-");
        assertThat(stranger.mayWrite(file)).isTrue();
        assertThat(stranger.mayReplace(file)).isFalse();
        assertThat(owner.mayReplace(file)).isTrue();
    }

    @Test
    void shouldTakeNoFileForAFolderAndNoFolderForAFile() throws IOException {
        FileAccess thisProcess = new FileAccess(Optional.empty());
        Path file = file("file", "rw-rw-rw-");
        for (FileAccess access : List.of(thisProcess, owner)) {
            assertThat(access.mayWrite(file)).isTrue();
            assertThat(access.mayWrite(file.resolve("below"))).isFalse();
            assertThat(access.mayWrite(folder)).isFalse();
            assertThat(access.mayReplace(folder)).isFalse();
            assertThat(access.mayRead(folder.resolve("absent"))).isFalse();
        }
    }
}
