// SPDX-License-Identifier: Apache-2.0
// traceable COMMAND...: runs a command that any process of the same user may attach to, where the kernel would let only its
// ancestors do so (kernel.yama.ptrace_scope=1).
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: traceable COMMAND...\n");
        return 2;
    }
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0); // fails where there is no such rule
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    return 2;
}
