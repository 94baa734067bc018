package net.sniproxy.bpf.sys;

/**
 * System call numbers of one architecture.
 *
 * <p>Sources: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h. Only calls that both
 * architectures have are here: {@code openat} for open, {@code epoll_pwait} for epoll_wait.
 */
record SystemCallNumbers(
        int bpf,
        int mmap,
        int munmap,
        int close,
        int fcntl,
        int openat,
        int epollCreate1,
        int epollCtl,
        int epollPwait,
        int socket,
        int bind,
        int connect,
        int sendto,
        int recvfrom,
        int setsockopt,
        int getsockopt,
        int mount,
        int umount2,
        int setns,
        int rtSigtimedwait,
        int prctl,
        int setgroups,
        int setresgid,
        int setresuid,
        int capset,
        int execve) {

    static final SystemCallNumbers X86_64 = new SystemCallNumbers(
            321, 9, 11, 3, 72, 257, 291, 233, 281, 41, 49, 42, 44, 45, 54, 55, 165, 166, 308, 128, 157, 116, 119, 117,
            126, 59);
    static final SystemCallNumbers AARCH64 = new SystemCallNumbers(
            280, 222, 215, 57, 25, 56, 20, 21, 22, 198, 200, 203, 206, 207, 208, 209, 40, 39, 268, 137, 167, 159, 149,
            147, 91, 221);

    /**
     * The numbers for an architecture as the system property {@code os.arch} names it.
     *
     * @throws UnsupportedOperationException for any other than x86_64 and aarch64
     */
    static SystemCallNumbers of(String architecture) {
        return switch (architecture) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default ->
                throw new UnsupportedOperationException(
                        "no system call numbers for architecture " + architecture + ": x86_64 and aarch64 are known");
        };
    }
}
