/* A Modbus server on libmodbus for tests: its own framing, its own float orders, and mischief.

   libmodbus_device tcp            listens on a free port and says "ready PORT"
   libmodbus_device rtu DEVICE     answers as unit 1 and says "ready DEVICE"

   Every request that writes is told on standard output, values as libmodbus understands them.
   Requests at MISCHIEF + n are answered wrongly in the n-th way; a reply is made by libmodbus into
   a pair of sockets, distorted there, and only then sent. */

#include <arpa/inet.h>
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REGISTERS = 2100, BITS = 64, MISCHIEF = 1000, EXCEPTION = 1100 };
enum {
  WRONG_UNIT,
  SLOW,
  SPLIT,
  BAD_CHECK,
  TRUNCATED,
  SILENT,
  NOISE,
  WRONG_TAG,
  TWICE,
  HANG_UP,
  OTHER_FUNCTION,
  SHORTER,
  BUSY_ONCE,
  FOREIGN_FIRST
};

static int busy;

typedef float (*Getter)(const uint16_t *);
typedef void (*Setter)(float, uint16_t *);

/* Put a float where `get` of libmodbus finds it. Its setters of 3.1.6 swap the bytes of each word on
   little-endian machines (what modbus_set_float_abcd writes, modbus_get_float_badc reads), so that
   the setter is chosen by what is read back. */
static void put(float value, Getter get, uint16_t *at) {
  const Setter setters[] = {modbus_set_float_abcd, modbus_set_float_cdab, modbus_set_float_badc,
                            modbus_set_float_dcba};
  for (int i = 0; i < 4; i++) {
    setters[i](value, at);
    if (get(at) == value) return;
  }
  exit(2);
}

static void fill(modbus_mapping_t *map) {
  const double pi = 3.141592653589793;
  int32_t whole = -123456789;
  int64_t large = INT64_C(-1234567890123456), bits;
  memcpy(&bits, &pi, sizeof bits);
  for (int i = 0; i < REGISTERS; i++) map->tab_registers[i] = map->tab_input_registers[i] = i;
  put(-12.375f, modbus_get_float_abcd, map->tab_registers + 0);
  put(-12.375f, modbus_get_float_cdab, map->tab_registers + 2);
  put(-12.375f, modbus_get_float_badc, map->tab_registers + 4);
  put(-12.375f, modbus_get_float_dcba, map->tab_registers + 6);
  MODBUS_SET_INT32_TO_INT16(map->tab_registers, 8, whole);
  MODBUS_SET_INT64_TO_INT16(map->tab_registers, 10, large);
  MODBUS_SET_INT64_TO_INT16(map->tab_registers, 14, bits);
  map->tab_registers[18] = (uint16_t)-237;
  map->tab_registers[19] = 0x8004;
  put(1.0f / 0.0f, modbus_get_float_abcd, map->tab_registers + 30);
  for (int i = 0; i < BITS; i++) map->tab_bits[i] = map->tab_input_bits[i] = i % 3 == 0;
}

static void tell(int function, int at, int n, modbus_mapping_t *map) {
  if (function == MODBUS_FC_WRITE_SINGLE_COIL || function == MODBUS_FC_WRITE_MULTIPLE_COILS) {
    printf("coils %d", at);
    for (int i = 0; i < n; i++) printf(" %d", map->tab_bits[at + i]);
  } else {
    uint16_t *r = map->tab_registers + at;
    printf("registers %d", at);
    for (int i = 0; i < n; i++) printf(" %d", r[i]);
    if (n == 2)
      printf(" floats %.9g %.9g %.9g %.9g", modbus_get_float_abcd(r), modbus_get_float_cdab(r),
             modbus_get_float_badc(r), modbus_get_float_dcba(r));
    if (n == 4) printf(" whole %lld", (long long)MODBUS_GET_INT64_FROM_INT16(r, 0));
  }
  printf("\n");
}

/* Let libmodbus make the reply to `query`; return its length. */
static int reply_of(modbus_t *ctx, uint8_t *query, int n, modbus_mapping_t *map, uint8_t *out) {
  int real = modbus_get_socket(ctx), pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) exit(1);
  modbus_set_socket(ctx, pair[0]);
  int sent = modbus_reply(ctx, query, n, map);
  modbus_set_socket(ctx, real);
  int got = sent > 0 ? (int)read(pair[1], out, 512) : 0;
  close(pair[0]);
  close(pair[1]);
  return got;
}

static void out(int fd, const uint8_t *data, int n) {
  if (write(fd, data, n) != n) perror("write");
}

/* Return 0 if the connection is to be closed. */
static int mischief(modbus_t *ctx, int what, uint8_t *query, int n, modbus_mapping_t *map) {
  int head = modbus_get_header_length(ctx), fd = modbus_get_socket(ctx), tcp = head > 1;
  uint8_t reply[512];
  if (what == BUSY_ONCE && !busy++) {
    modbus_reply_exception(ctx, query, MODBUS_EXCEPTION_SLAVE_OR_SERVER_BUSY);
    return 1;
  }
  if (what == WRONG_UNIT) query[head - 1] = 7;
  if (what == WRONG_TAG && tcp) query[1] ^= 0x40;
  if (what == OTHER_FUNCTION) query[head] = query[head] == 3 ? 4 : 3;
  if (what == SHORTER) query[head + 4] -= 1;
  if (what == FOREIGN_FIRST) {
    uint8_t other[512];
    memcpy(other, query, n);
    other[head - 1] = 7;
    other[head + 2] ^= 1;
    out(fd, reply, reply_of(ctx, other, n, map, reply));
  }
  int size = reply_of(ctx, query, n, map, reply);
  switch (what) {
  case SLOW: usleep(400000); break;
  case BAD_CHECK: reply[tcp ? 3 : size - 1] ^= 0x55; break;
  case TRUNCATED: size -= 2; break;
  case SILENT: return 1;
  case NOISE: memset(reply, 0xF7, size); break;
  case HANG_UP: return 0;
  case TWICE: /* in one piece: a copy that came later could be told from nothing over RTU */
    memcpy(reply + size, reply, size);
    size *= 2;
    break;
  case SPLIT:
    for (; size > 1; size--) {
      out(fd, reply, 1);
      memmove(reply, reply + 1, size - 1);
      usleep(3000);
    }
    break;
  }
  out(fd, reply, size);
  return 1;
}

static void serve(modbus_t *ctx, modbus_mapping_t *map) {
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  int head = modbus_get_header_length(ctx);
  for (;;) {
    int n = modbus_receive(ctx, query);
    if (n == 0) continue; /* another unit's, or a wrong checksum */
    if (n < 0) {
      if (head > 1 || errno == EIO || errno == EBADF) return;
      continue;
    }
    int function = query[head], at = query[head + 1] << 8 | query[head + 2];
    int many = function == MODBUS_FC_WRITE_MULTIPLE_COILS ||
               function == MODBUS_FC_WRITE_MULTIPLE_REGISTERS;
    int count = many ? query[head + 3] << 8 | query[head + 4] : 1;
    int writes = many || function == MODBUS_FC_WRITE_SINGLE_COIL ||
                 function == MODBUS_FC_WRITE_SINGLE_REGISTER;
    if (at >= EXCEPTION && at < EXCEPTION + 12)
      modbus_reply_exception(ctx, query, at - EXCEPTION);
    else if (at >= MISCHIEF && at < MISCHIEF + 100 && (at - MISCHIEF) % 4 == 0) {
      if (writes) printf("mischief %d\n", at);
      if (!mischief(ctx, (at - MISCHIEF) / 4, query, n, map)) return;
      continue;
    } else
      modbus_reply(ctx, query, n, map);
    if (writes) tell(function, at, count, map);
  }
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  modbus_mapping_t *map = modbus_mapping_new(BITS, BITS, REGISTERS, REGISTERS);
  fill(map);
  if (count == 3 && !strcmp(words[1], "rtu")) {
    modbus_t *ctx = modbus_new_rtu(words[2], 19200, 'N', 8, 1);
    modbus_set_slave(ctx, 1);
    if (modbus_connect(ctx)) return perror(words[2]), 1;
    printf("ready %s\n", words[2]);
    serve(ctx, map);
    return 0;
  }
  modbus_t *ctx = modbus_new_tcp("127.0.0.1", 0);
  int listener = modbus_tcp_listen(ctx, 1);
  struct sockaddr_in at;
  socklen_t size = sizeof at;
  if (listener < 0 || getsockname(listener, (struct sockaddr *)&at, &size)) return perror("tcp"), 1;
  printf("ready %d\n", ntohs(at.sin_port));
  while (modbus_tcp_accept(ctx, &listener) >= 0) {
    serve(ctx, map);
    modbus_close(ctx);
  }
  return 0;
}
