/* The six Mach calls and memcpy's neighbours that src/actors/kernel/native-calls.ts makes, as a library for Linux with books kept: every list and every
   right that is handed out must come back. Built by the test with cc. Values are fixed, so that the test knows them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TASK = 0x103, THREADS = 4, GONE = 2, KERN_SUCCESS = 0, KERN_INVALID_ARGUMENT = 4 };
static long lists, rights, samples, refuse_list;

uint32_t mach_task_self(void) { return TASK; }

int task_info(uint32_t task, uint32_t flavor, void *out, uint32_t *count) {
  if (task != TASK || flavor != 20 || *count < 12) return KERN_INVALID_ARGUMENT;
  struct { uint64_t virtual_size, resident, resident_max; int32_t user_s, user_us, system_s, system_us, policy, suspended; } info =
    { 409600ull * 1024, 51200ull * 1024, 61440ull * 1024, 1, 500000, 0, 250000, 1, 0 };
  memcpy(out, &info, 48);
  *count = 12;
  samples++;
  return KERN_SUCCESS;
}

int task_threads(uint32_t task, uint64_t *list, uint32_t *count) {
  if (task != TASK || refuse_list) return KERN_INVALID_ARGUMENT;
  uint32_t *ports = malloc(THREADS * sizeof *ports);
  for (int i = 0; i < THREADS; i++) ports[i] = 0x80001000u + i;
  *list = (uint64_t)(uintptr_t)ports;
  *count = THREADS;
  lists++;
  rights += THREADS;
  return KERN_SUCCESS;
}

int thread_info(uint32_t thread, uint32_t flavor, void *out, uint32_t *count) {
  int index = (int)(thread - 0x80001000u);
  if (index < 0 || index >= THREADS || index == GONE) return KERN_INVALID_ARGUMENT;
  if (flavor == 4 && *count >= 6) {
    uint64_t id = 0x100000000ull + (uint64_t)(THREADS - index);
    memcpy(out, &id, 8);
    *count = 6;
  } else if (flavor == 3 && *count >= 10) {
    int32_t times[4] = { index, 1000, 0, (int32_t)(samples * 50000) };
    memcpy(out, times, 16);
    *count = 10;
  } else if (flavor == 5 && *count >= 28) {
    const char *names[THREADS] = { "main", "display/0", "", "" };
    memset(out, 0, 112);
    strcpy((char *)out + 48, names[index]);
    *count = 28;
  } else return KERN_INVALID_ARGUMENT;
  return KERN_SUCCESS;
}

int mach_port_deallocate(uint32_t task, uint32_t port) {
  if (task != TASK || port < 0x80001000u || port >= 0x80001000u + THREADS) return KERN_INVALID_ARGUMENT;
  rights--;
  return KERN_SUCCESS;
}

int mach_vm_deallocate(uint32_t task, uint64_t address, uint64_t size) {
  if (task != TASK || size != THREADS * 4) return KERN_INVALID_ARGUMENT;
  free((void *)(uintptr_t)address);
  lists--;
  return KERN_SUCCESS;
}

int fake_books(int which) { return (int)(which == 0 ? lists : which == 1 ? rights : samples); }
int fake_refuse(int yes) { refuse_list = yes; return 0; }
