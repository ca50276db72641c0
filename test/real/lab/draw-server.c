/* A SPICE server that draws a script: libspice-server with a QXL device whose commands we make ourselves.
 * It sends every drawing command of the protocol (Linux guests only use four of them), every bitmap and cursor
 * format, surfaces, a video stream, a mode change; and it reports what it got from the client.
 *
 * The script starts anew whenever a client's display connects. One JSON line on stdout per event:
 *   {"listening":P} {"client":true} {"step":"fill-xor"} ... {"done":N} {"key":30} {"tablet":[x,y,buttons]} ...
 * On "done" the server's own rendering of the screen lies in the file of --dump (PPM): the pixels a client must show.
 *
 * cc -O1 -o draw-server draw-server.c $(pkg-config --cflags --libs spice-server glib-2.0) -lm
 */
#include <glib.h>
#include <math.h>
#include <signal.h>
#include <spice.h>
#include <spice/enums.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define W 800
#define H 600
#define CW 64
#define CH 48

static int ms = 10, loop, no_tablet, client_present;
static const char *only, *skip, *dump;
static SpiceServer *server;
static QXLInstance qxl;
static uint8_t primary[W * H * 4];
static GAsyncQueue *draws, *cursors;
static GRand *dice;
static uint32_t unique = 1;

static void say(const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  vprintf(format, ap);
  va_end(ap);
  putchar('\n');
  fflush(stdout);
}

/* ---- commands: a command owns all the blocks it points to, until the server releases it ---- */

typedef struct { QXLCommandExt ext; GPtrArray *blocks; } Cmd;

static void *block(Cmd *c, size_t size) { void *p = g_malloc0(size); g_ptr_array_add(c->blocks, p); return p; }

static Cmd *cmd_new(uint32_t type, size_t size, void **body) {
  Cmd *c = g_new0(Cmd, 1);
  c->blocks = g_ptr_array_new_with_free_func(g_free);
  *body = block(c, size);
  ((QXLReleaseInfo *)*body)->id = (uintptr_t)c;
  c->ext.cmd.type = type;
  c->ext.cmd.data = (uintptr_t)*body;
  return c;
}

static QXLRect rect(int x, int y, int w, int h) { return (QXLRect){.top = y, .left = x, .bottom = y + h, .right = x + w}; }

static Cmd *draw(uint8_t type, QXLRect box, uint8_t effect, QXLDrawable **d) {
  Cmd *c = cmd_new(QXL_CMD_DRAW, sizeof(QXLDrawable), (void **)d);
  (*d)->type = type;
  (*d)->bbox = box;
  (*d)->effect = effect;
  (*d)->surfaces_dest[0] = (*d)->surfaces_dest[1] = (*d)->surfaces_dest[2] = -1;
  return c;
}

/* ---- pictures ---- */

enum { GRADIENT, PHOTO, CHART, NOISE };

static uint32_t pixel(int kind, int x, int y, int w, int h) { /* ARGB; the alpha falls from left to right */
  uint32_t a = 255 - 255 * x / w, r, g, b;
  switch (kind) {
    case GRADIENT: r = 255 * x / w; g = 255 * y / h; b = 128; break;
    case PHOTO:
      r = 127 + 60 * sin(x / 17.0 + y / 29.0) + 50 * sin(y / 7.0) + g_rand_int_range(dice, -8, 8);
      g = 127 + 70 * sin(x / 23.0 - y / 13.0) + 40 * cos(x / 5.0) + g_rand_int_range(dice, -8, 8);
      b = 127 + 90 * cos((x + y) / 31.0) + g_rand_int_range(dice, -8, 8);
      break;
    case CHART: r = x / 8 % 2 ? 255 : 0; g = y / 8 % 2 ? 200 : 20; b = (x / 16 + y / 16) % 2 ? 255 : 0; break;
    default: r = g_rand_int_range(dice, 0, 256); g = g_rand_int_range(dice, 0, 256); b = g_rand_int_range(dice, 0, 256);
  }
  return a << 24 | (r & 255) << 16 | (g & 255) << 8 | (b & 255);
}

static const int BITS[] = {0, 1, 1, 4, 4, 8, 16, 24, 32, 32, 8};

static QXLPHYSICAL image(Cmd *c, int kind, int format, int w, int h, int flags) { /* flags: 1 bottom up, 2 cache */
  QXLImage *i = block(c, sizeof *i);
  int bits = BITS[format], stride = (w * bits + 7) / 8;
  stride = (stride + 3) & ~3;
  uint8_t *data = block(c, stride * h);
  for (int y = 0; y < h; y++) {
    uint8_t *row = data + stride * ((flags & 1) ? h - 1 - y : y);
    for (int x = 0; x < w; x++) {
      uint32_t p = pixel(kind, x, y, w, h), r = p >> 16 & 255, g = p >> 8 & 255, b = p & 255;
      switch (format) {
        case SPICE_BITMAP_FMT_1BIT_LE: row[x / 8] |= (g > 127) << x % 8; break;
        case SPICE_BITMAP_FMT_1BIT_BE: row[x / 8] |= (g > 127) << (7 - x % 8); break;
        case SPICE_BITMAP_FMT_4BIT_LE: row[x / 2] |= (r >> 4) << (x % 2 * 4); break;
        case SPICE_BITMAP_FMT_4BIT_BE: row[x / 2] |= (r >> 4) << (4 - x % 2 * 4); break;
        case SPICE_BITMAP_FMT_8BIT: row[x] = r; break;
        case SPICE_BITMAP_FMT_16BIT: ((uint16_t *)row)[x] = r >> 3 << 10 | g >> 3 << 5 | b >> 3; break;
        case SPICE_BITMAP_FMT_24BIT: row[x * 3] = b; row[x * 3 + 1] = g; row[x * 3 + 2] = r; break;
        case SPICE_BITMAP_FMT_32BIT: ((uint32_t *)row)[x] = p & 0xffffff; break;
        case SPICE_BITMAP_FMT_RGBA: /* premultiplied */
          ((uint32_t *)row)[x] = (p & 0xff000000) | r * (p >> 24) / 255 << 16 | g * (p >> 24) / 255 << 8 | b * (p >> 24) / 255;
          break;
        case SPICE_BITMAP_FMT_8BIT_A: row[x] = p >> 24; break;
      }
    }
  }
  if (bits <= 8 && format != SPICE_BITMAP_FMT_8BIT_A) {
    int n = 1 << bits;
    QXLPalette *pal = block(c, sizeof *pal + n * 4);
    pal->unique = unique++;
    pal->num_ents = n;
    for (int k = 0; k < n; k++) {
      int v = 255 * k / (n - 1);
      pal->ents[k] = v << 16 | (255 - v) << 8 | (v * 7 & 255);
    }
    i->bitmap.palette = (uintptr_t)pal;
  }
  QXL_SET_IMAGE_ID(i, QXL_IMAGE_GROUP_DEVICE, unique);
  unique++;
  i->descriptor.type = SPICE_IMAGE_TYPE_BITMAP;
  i->descriptor.flags = (flags & 2) ? QXL_IMAGE_CACHE : 0;
  i->descriptor.width = i->bitmap.x = w;
  i->descriptor.height = i->bitmap.y = h;
  i->bitmap.format = format;
  i->bitmap.flags = QXL_BITMAP_DIRECT | ((flags & 1) ? 0 : QXL_BITMAP_TOP_DOWN);
  i->bitmap.stride = stride;
  i->bitmap.data = (uintptr_t)data;
  return (uintptr_t)i;
}

static QXLPHYSICAL surface_image(Cmd *c, uint32_t id, int w, int h) {
  QXLImage *i = block(c, sizeof *i);
  QXL_SET_IMAGE_ID(i, QXL_IMAGE_GROUP_DEVICE, unique);
  unique++;
  i->descriptor.type = SPICE_IMAGE_TYPE_SURFACE;
  i->descriptor.width = w;
  i->descriptor.height = h;
  i->surface_image.surface_id = id;
  return (uintptr_t)i;
}

static QXLPHYSICAL mask(Cmd *c) { /* a disc, one bit a pixel */
  QXLImage *i = (QXLImage *)(uintptr_t)image(c, CHART, SPICE_BITMAP_FMT_1BIT_BE, CW, CH, 0);
  uint8_t *data = (uint8_t *)(uintptr_t)i->bitmap.data;
  memset(data, 0, i->bitmap.stride * CH);
  for (int y = 0; y < CH; y++)
    for (int x = 0; x < CW; x++)
      if ((x - 32) * (x - 32) + (y - 24) * (y - 24) < 400) data[y * i->bitmap.stride + x / 8] |= 128 >> x % 8;
  i->bitmap.palette = 0;
  return (uintptr_t)i;
}

static Cmd *copy(uint32_t surface, QXLRect box, int kind, int format, int flags) {
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_COPY, box, QXL_EFFECT_OPAQUE, &d);
  int w = box.right - box.left, h = box.bottom - box.top;
  d->surface_id = surface;
  d->u.copy.src_bitmap = image(c, kind, format, w, h, flags);
  d->u.copy.src_area = rect(0, 0, w, h);
  d->u.copy.rop_descriptor = SPICE_ROPD_OP_PUT;
  return c;
}

static QXLBrush solid(uint32_t color) { QXLBrush b = {.type = SPICE_BRUSH_TYPE_SOLID}; b.u.color = color; return b; }
static QXLBrush pattern(Cmd *c) {
  QXLBrush b = {.type = SPICE_BRUSH_TYPE_PATTERN};
  b.u.pattern.pat = image(c, CHART, SPICE_BITMAP_FMT_32BIT, 16, 16, 0);
  return b;
}

/* ---- the steps: each draws in a cell of its own, over a gradient ---- */

static Cmd *fill(QXLRect box, int how) { /* how: rop | 0x10000 pattern | 0x20000 mask | 0x40000 inverse mask | 0x80000 clip */
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_FILL, box, QXL_EFFECT_BLEND, &d);
  d->u.fill.brush = how & 0x10000 ? pattern(c) : solid(0x3060c0);
  d->u.fill.rop_descriptor = how & 0xffff;
  if (how & 0x60000) d->u.fill.mask.bitmap = mask(c);
  if (how & 0x40000) d->u.fill.mask.flags = SPICE_MASK_FLAGS_INVERS;
  if (how & 0x80000) {
    QXLClipRects *r = block(c, sizeof *r + 3 * sizeof(QXLRect));
    r->num_rects = 3;
    r->chunk.data_size = 3 * sizeof(QXLRect);
    QXLRect *at = (QXLRect *)r->chunk.data;
    for (int i = 0; i < 3; i++) at[i] = rect(box.left + 4 + i * 20, box.top + 4 + i * 12, 16, 10);
    d->clip.type = SPICE_CLIP_TYPE_RECTS;
    d->clip.data = (uintptr_t)r;
  }
  return c;
}
static Cmd *copy_format(QXLRect box, int how) { return copy(0, box, GRADIENT, how & 255, how >> 8); }
static Cmd *copy_rop(QXLRect box, int how) { /* how: rop | 0x10000 scale | 0x20000 mask | 0x40000 nearest */
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_COPY, box, QXL_EFFECT_BLEND, &d);
  int w = how & 0x10000 ? 20 : CW, h = how & 0x10000 ? 15 : CH;
  d->u.copy.src_bitmap = image(c, CHART, SPICE_BITMAP_FMT_32BIT, w, h, 0);
  d->u.copy.src_area = rect(0, 0, w, h);
  d->u.copy.rop_descriptor = how & 0xffff;
  d->u.copy.scale_mode = how & 0x40000 ? SPICE_IMAGE_SCALE_MODE_NEAREST : SPICE_IMAGE_SCALE_MODE_INTERPOLATE;
  if (how & 0x20000) d->u.copy.mask.bitmap = mask(c);
  return c;
}
static Cmd *blend(QXLRect box, int rop) {
  Cmd *c = copy_rop(box, rop);
  ((QXLDrawable *)(uintptr_t)c->ext.cmd.data)->type = QXL_DRAW_BLEND;
  return c;
}
static Cmd *opaque(QXLRect box, int rop) {
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_OPAQUE, box, QXL_EFFECT_OPAQUE, &d);
  d->u.opaque.src_bitmap = image(c, CHART, SPICE_BITMAP_FMT_32BIT, CW, CH, 0);
  d->u.opaque.src_area = rect(0, 0, CW, CH);
  d->u.opaque.brush = solid(0x3060c0);
  d->u.opaque.rop_descriptor = rop;
  return c;
}
static Cmd *rop3(QXLRect box, int code) {
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_ROP3, box, QXL_EFFECT_BLEND, &d);
  d->u.rop3.src_bitmap = image(c, CHART, SPICE_BITMAP_FMT_32BIT, CW, CH, 0);
  d->u.rop3.src_area = rect(0, 0, CW, CH);
  d->u.rop3.brush = code == 0xca ? pattern(c) : solid(0x3060c0);
  d->u.rop3.rop3 = code;
  return c;
}
static Cmd *transparent(QXLRect box, int color) {
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_TRANSPARENT, box, QXL_EFFECT_BLEND, &d);
  d->u.transparent.src_bitmap = image(c, CHART, SPICE_BITMAP_FMT_32BIT, CW, CH, 0);
  d->u.transparent.src_area = rect(0, 0, CW, CH);
  d->u.transparent.src_color = d->u.transparent.true_color = color;
  return c;
}
static Cmd *alpha(QXLRect box, int how) { /* how: alpha | flags << 8 | 0x10000 RGBA source | 0x20000 scale */
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_ALPHA_BLEND, box, QXL_EFFECT_BLEND, &d);
  int w = how & 0x20000 ? 20 : CW, h = how & 0x20000 ? 15 : CH;
  d->u.alpha_blend.alpha = how & 255;
  d->u.alpha_blend.alpha_flags = how >> 8 & 3;
  d->u.alpha_blend.src_bitmap = image(c, CHART, how & 0x10000 ? SPICE_BITMAP_FMT_RGBA : SPICE_BITMAP_FMT_32BIT, w, h, 0);
  d->u.alpha_blend.src_area = rect(0, 0, w, h);
  return c;
}
static Cmd *plain(QXLRect box, int how) { /* how: type | 0x100 mask */
  QXLDrawable *d;
  Cmd *c = draw(how & 255, box, QXL_EFFECT_BLEND, &d);
  if (how & 0x100) d->u.blackness.mask.bitmap = mask(c);
  return c;
}
static Cmd *copy_bits(QXLRect box, int how) { /* how: dx, dy of the source */
  QXLDrawable *d;
  Cmd *c = draw(QXL_COPY_BITS, box, QXL_EFFECT_OPAQUE, &d);
  d->u.copy_bits.src_pos.x = box.left + (int8_t)(how & 255);
  d->u.copy_bits.src_pos.y = box.top + (int8_t)(how >> 8);
  return c;
}
static Cmd *stroke(QXLRect box, int how) { /* how: 1 dashed, 2 bezier, 4 pattern brush, 8 xor, 16 closed, 32 starts with a gap, 64 other dashes */
  static const int line[][2] = {{4, 40}, {20, 6}, {36, 40}, {58, 8}}, curve[][2] = {{4, 40}, {10, -10}, {50, 60}, {58, 8}};
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_STROKE, box, QXL_EFFECT_BLEND, &d);
  QXLPath *p = block(c, sizeof *p + sizeof(QXLPathSeg) * 2 + 4 * sizeof(QXLPointFix));
  QXLPathSeg *s = (QXLPathSeg *)p->chunk.data;
  int first = how & 2 ? 1 : 4; /* a curve: a start point, then a segment of three control points */
  for (int i = 0, n = 0; i < 4; i += n) {
    n = i == 0 ? first : 3;
    s->count = n;
    s->flags = (i == 0 ? SPICE_PATH_BEGIN : SPICE_PATH_BEZIER) | (i + n == 4 ? SPICE_PATH_END : 0) | (how & 16 ? SPICE_PATH_CLOSE : 0);
    for (int k = 0; k < n; k++) {
      const int *at = how & 2 ? curve[i + k] : line[i + k];
      s->points[k].x = (box.left + at[0]) * 16;
      s->points[k].y = (box.top + at[1]) * 16;
    }
    s = (QXLPathSeg *)&s->points[n];
  }
  p->data_size = p->chunk.data_size = (uint8_t *)s - p->chunk.data;
  d->u.stroke.path = (uintptr_t)p;
  d->u.stroke.brush = how & 4 ? pattern(c) : solid(0xffff00);
  d->u.stroke.fore_mode = how & 8 ? SPICE_ROPD_OP_XOR : SPICE_ROPD_OP_PUT;
  d->u.stroke.back_mode = SPICE_ROPD_OP_PUT;
  if (how & 1) {
    QXLFIXED *dash = block(c, 4 * sizeof *dash);
    dash[0] = 6 * 16; dash[1] = 3 * 16; dash[2] = 2 * 16; dash[3] = 3 * 16;
    if (how & 64) { dash[1] = 4 * 16; dash[3] = 5 * 16; }
    d->u.stroke.attr.flags = SPICE_LINE_FLAGS_STYLED | (how & 32 ? SPICE_LINE_FLAGS_START_WITH_GAP : 0);
    d->u.stroke.attr.style_nseg = 4;
    d->u.stroke.attr.style = (uintptr_t)dash;
  }
  return c;
}
static Cmd *text(QXLRect box, int how) { /* how: string flags | 0x100 a background | 0x200 pattern brush */
  static const uint8_t font[5][7] = {{14, 17, 16, 14, 1, 17, 14}, {30, 17, 17, 30, 16, 16, 16}, {14, 4, 4, 4, 4, 4, 14},
                                     {14, 17, 16, 16, 16, 17, 14}, {31, 16, 16, 30, 16, 16, 31}}; /* S P I C E */
  int bits = how & 1 ? 1 : how & 2 ? 4 : 8, stride = (10 * bits + 7) / 8;
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_TEXT, box, QXL_EFFECT_BLEND, &d);
  QXLString *s = block(c, sizeof *s + 5 * (sizeof(QXLRasterGlyph) + 14 * stride));
  uint8_t *at = s->chunk.data;
  for (int i = 0; i < 5; i++) { /* each letter 5x7, doubled */
    QXLRasterGlyph *g = (QXLRasterGlyph *)at;
    g->render_pos.x = box.left + 3 + i * 12;
    g->render_pos.y = box.top + 32;
    g->glyph_origin.x = 0;
    g->glyph_origin.y = -14;
    g->width = 10;
    g->height = 14;
    for (int y = 0; y < 14; y++)
      for (int x = 0; x < 10; x++)
        if (font[i][y / 2] >> (4 - x / 2) & 1) {
          int row = how & SPICE_STRING_FLAGS_RASTER_TOP_DOWN ? y : 13 - y, ink = 255 - 12 * y;
          uint8_t *p = g->data + row * stride;
          if (bits == 1) p[x / 8] |= 128 >> x % 8;
          else if (bits == 4) p[x / 2] |= (ink >> 4) << (x % 2 ? 0 : 4);
          else p[x] = ink;
        }
    at = g->data + 14 * stride;
  }
  s->data_size = s->chunk.data_size = at - s->chunk.data;
  s->length = 5;
  s->flags = how & 15;
  d->u.text.str = (uintptr_t)s;
  d->u.text.fore_brush = how & 0x200 ? pattern(c) : solid(0xffffff);
  d->u.text.fore_mode = SPICE_ROPD_OP_PUT;
  d->u.text.back_mode = SPICE_ROPD_OP_PUT;
  if (how & 0x100) {
    d->u.text.back_brush = solid(0x203020);
    d->u.text.back_area = rect(box.left + 2, box.top + 10, 60, 30);
  }
  return c;
}
static Cmd *composite(QXLRect box, int how) { /* how: operator | 0x100 mask | 0x200 transform | 0x400 repeat | 0x800 bilinear | 0x1000 onto surface 2 | 0x2000 mask is surface 4 | 0x4000 pad | 0x8000 reflect | 0x10000 turned | 0x20000 component alpha */
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_COMPOSITE, box, QXL_EFFECT_BLEND, &d);
  QXLComposite *q = &d->u.composite;
  int small = how & 0x400;
  q->flags = how & 255;
  q->src = image(c, CHART, SPICE_BITMAP_FMT_RGBA, small ? 24 : CW, small ? 18 : CH, 0);
  if (how & 0x1000) { d->surface_id = 2; d->bbox = rect(0, 0, CW, CH); }
  if (how & 0x100) q->mask = image(c, GRADIENT, SPICE_BITMAP_FMT_8BIT_A, CW, CH, 0);
  if (how & 0x2000) { q->mask = surface_image(c, 4, CW, CH); d->surfaces_dest[0] = 4; d->surfaces_rects[0] = rect(0, 0, CW, CH); }
  if (how & 0x20000) { q->mask = image(c, CHART, SPICE_BITMAP_FMT_RGBA, CW, CH, 0); q->flags |= 1 << 18; }
  if (how & 0xc000) q->flags |= (how & 0xc000 & -(how & 0x8000 ? 0x8000 : 0x4000)) == 0x8000 ? 3 << 14 : 2 << 14;
  if (how & 0x10000) { /* by a little more than a sixth of a turn, and shrunk */
    QXLTransform *t = block(c, sizeof *t);
    t->t00 = 0x8123; t->t01 = 0xc456; t->t02 = 0x54321; t->t10 = -0xb987; t->t11 = 0x7654; t->t12 = 0x1fedcb;
    q->src_transform = (uintptr_t)t;
  }
  if (how & 0x200) {
    QXLTransform *t = block(c, sizeof *t);
    t->t00 = t->t11 = 0x8000; /* 16.16: the source twice as large */
    q->src_transform = (uintptr_t)t;
  }
  if (how & 0x400) q->flags |= 1 << 14;
  if (how & 0x800) q->flags |= 1 << 8;
  return c;
}
static Cmd *surface(QXLRect box, int how) { /* how: id | format << 8; format 0: destroy */
  QXLSurfaceCmd *s;
  (void)box;
  Cmd *c = cmd_new(QXL_CMD_SURFACE, sizeof *s, (void **)&s);
  int format = how >> 8, bytes = format == SPICE_SURFACE_FMT_8_A ? 1 : format == SPICE_SURFACE_FMT_32_xRGB || format == SPICE_SURFACE_FMT_32_ARGB ? 4 : 2;
  s->surface_id = how & 255;
  s->type = format ? QXL_SURFACE_CMD_CREATE : QXL_SURFACE_CMD_DESTROY;
  if (format) {
    s->u.surface_create.format = format;
    s->u.surface_create.width = CW;
    s->u.surface_create.height = CH;
    s->u.surface_create.stride = CW * bytes;
    s->u.surface_create.data = (uintptr_t)g_malloc0(CW * CH * bytes); /* lives as long as the surface may: kept */
  }
  return c;
}
static Cmd *surface_draw(QXLRect box, int id) { (void)box; return copy(id, rect(0, 0, CW, CH), PHOTO, SPICE_BITMAP_FMT_32BIT, 0); }
static Cmd *surface_fill(QXLRect box, int id) {
  (void)box;
  Cmd *c = fill(rect(8, 8, 40, 20), SPICE_ROPD_OP_PUT);
  ((QXLDrawable *)(uintptr_t)c->ext.cmd.data)->surface_id = id;
  return c;
}
static Cmd *surface_copy(QXLRect box, int id) {
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_COPY, box, QXL_EFFECT_OPAQUE, &d);
  d->u.copy.src_bitmap = surface_image(c, id, CW, CH);
  d->u.copy.src_area = rect(0, 0, CW, CH);
  d->u.copy.rop_descriptor = SPICE_ROPD_OP_PUT;
  d->surfaces_dest[0] = id;
  d->surfaces_rects[0] = rect(0, 0, CW, CH);
  return c;
}
static Cmd *surface_alpha(QXLRect box, int id) { /* what is alpha is kept, of all the rest nothing */
  (void)box;
  return copy(id, rect(0, 0, CW, CH), GRADIENT, id == 4 ? SPICE_BITMAP_FMT_8BIT_A : SPICE_BITMAP_FMT_RGBA, 0);
}
static Cmd *surface_over(QXLRect box, int id) {
  QXLDrawable *d;
  Cmd *c = draw(QXL_DRAW_COMPOSITE, box, QXL_EFFECT_BLEND, &d);
  d->u.composite.flags = QXL_OP_OVER;
  d->u.composite.src = surface_image(c, id, CW, CH);
  d->surfaces_dest[0] = id;
  d->surfaces_rects[0] = rect(0, 0, CW, CH);
  return c;
}
static Cmd *big(QXLRect box, int how) { /* how: kind | format << 8 | place << 16: 200x100 pictures below the cells */
  (void)box;
  int place = how >> 16;
  return copy(0, rect(place % 4 * 200, 390 + place / 4 * 105, 200, 100), how & 255, how >> 8 & 255, 0);
}
static Cmd *frame(QXLRect box, int n) { /* a moving picture: the same box again and again */
  (void)box;
  QXLDrawable *d;
  Cmd *c = copy(0, rect(600, 495, 192, 100), PHOTO, SPICE_BITMAP_FMT_32BIT, 0);
  d = (QXLDrawable *)(uintptr_t)c->ext.cmd.data;
  d->mm_time = n * 40;
  return c;
}
static Cmd *cached(QXLRect box, int id) { /* the same cacheable image twice: the second time it comes from the cache */
  Cmd *c = copy(0, box, CHART, SPICE_BITMAP_FMT_32BIT, 2);
  QXLDrawable *d = (QXLDrawable *)(uintptr_t)c->ext.cmd.data;
  QXL_SET_IMAGE_ID((QXLImage *)(uintptr_t)d->u.copy.src_bitmap, QXL_IMAGE_GROUP_DEVICE, 0x10000000 + id);
  return c;
}
static Cmd *cursor(QXLRect box, int how) { /* how: type of a shape, or 16 move, 17 hide, 18 trail */
  QXLCursorCmd *q;
  Cmd *c = cmd_new(QXL_CMD_CURSOR, sizeof *q, (void **)&q);
  if (how == 16) { q->type = QXL_CURSOR_MOVE; q->u.position.x = box.left; q->u.position.y = box.top; return c; }
  if (how == 17) { q->type = QXL_CURSOR_HIDE; return c; }
  if (how == 18) { q->type = QXL_CURSOR_TRAIL; q->u.trail.length = 3; q->u.trail.frequency = 30; return c; }
  static const int bits[] = {32, 1, 4, 8, 16, 24, 32};
  int n = 32 * 32 * bits[how] / 8, bytes = n + (how == 2 ? 64 : how == 3 ? 1024 : 0) + (how ? 32 * 4 : 0);
  QXLCursor *s = block(c, sizeof *s + bytes);
  uint8_t *p = s->chunk.data;
  for (int y = 0; y < 32; y++)
    for (int x = 0; x < 32; x++) {
      int ink = x <= y && x + y < 40; /* an arrow */
      switch (how) {
        case SPICE_CURSOR_TYPE_ALPHA: case SPICE_CURSOR_TYPE_COLOR32: ((uint32_t *)p)[y * 32 + x] = ink ? 0xff000000 | x * 8 << 16 | y * 8 << 8 | 0x80 : 0; break;
        case SPICE_CURSOR_TYPE_COLOR24: if (ink) p[(y * 32 + x) * 3] = 255; break;
        case SPICE_CURSOR_TYPE_COLOR16: if (ink) ((uint16_t *)p)[y * 32 + x] = 0x7c00; break;
        case SPICE_CURSOR_TYPE_COLOR8: if (ink) p[y * 32 + x] = x * 8; break;
        case SPICE_CURSOR_TYPE_COLOR4: if (ink) p[(y * 32 + x) / 2] |= 5 << (x % 2 ? 0 : 4); break;
        default: if (!ink) p[y * 4 + x / 8] |= 128 >> x % 8; /* MONO: AND mask, then XOR mask */
      }
      if (how > 1 && !ink) p[bytes - 128 + y * 4 + x / 8] |= 128 >> x % 8;
    }
  for (int k = 0; how == 2 && k < 16; k++) ((uint32_t *)(p + n))[k] = k * 0x101010;
  for (int k = 0; how == 3 && k < 256; k++) ((uint32_t *)(p + n))[k] = k << 16;
  s->header.unique = how == 0 ? 77 : 0; /* one of them may be cached */
  s->header.type = how;
  s->header.width = s->header.height = 32;
  s->header.hot_spot_x = 1;
  s->header.hot_spot_y = 2;
  s->data_size = s->chunk.data_size = bytes;
  q->type = QXL_CURSOR_SET;
  q->u.set.position.x = 100;
  q->u.set.position.y = 100;
  q->u.set.visible = 1;
  q->u.set.shape = (uintptr_t)s;
  return c;
}

enum { RESIZE_SMALL, RESIZE_BACK, MONITORS, RESET_IMAGES, RESET_CURSOR };

static void make_primary(int w, int h) {
  QXLDevSurfaceCreate s = {.width = w, .height = h, .stride = w * 4, .format = SPICE_SURFACE_FMT_32_xRGB, .mouse_mode = 1, .mem = (uintptr_t)primary};
  spice_qxl_create_primary_surface(&qxl, 0, &s);
}
static Cmd *control(QXLRect box, int what) { /* what a device does besides commands */
  (void)box;
  static struct { QXLMonitorsConfig config; QXLHead heads[2]; } m;
  switch (what) {
    case RESIZE_SMALL: spice_qxl_destroy_primary_surface(&qxl, 0); make_primary(320, 200); return fill(rect(0, 0, 320, 200), SPICE_ROPD_OP_WHITENESS);
    case RESIZE_BACK: spice_qxl_destroy_primary_surface(&qxl, 0); make_primary(W, H); return fill(rect(0, 0, W, H), SPICE_ROPD_OP_BLACKNESS);
    case MONITORS:
      m.config.count = m.config.max_allowed = 2;
      m.heads[0] = (QXLHead){.id = 0, .width = W / 2, .height = H};
      m.heads[1] = (QXLHead){.id = 1, .width = W / 2, .height = H, .x = W / 2};
      spice_qxl_monitors_config_async(&qxl, (uintptr_t)&m, 0, 1);
      break;
    case RESET_IMAGES: spice_qxl_reset_image_cache(&qxl); break;
    case RESET_CURSOR: spice_qxl_reset_cursor(&qxl); break;
  }
  return NULL;
}

static const struct { const char *name; Cmd *(*make)(QXLRect, int); int how; } STEPS[] = {
  {"resize-small", control, RESIZE_SMALL}, {"resize-back", control, RESIZE_BACK},
  {"fill-put", fill, SPICE_ROPD_OP_PUT}, {"fill-or", fill, SPICE_ROPD_OP_OR}, {"fill-and", fill, SPICE_ROPD_OP_AND},
  {"fill-xor", fill, SPICE_ROPD_OP_XOR}, {"fill-invers-brush", fill, SPICE_ROPD_OP_PUT | SPICE_ROPD_INVERS_BRUSH},
  {"fill-and-invers-dest", fill, SPICE_ROPD_OP_AND | SPICE_ROPD_INVERS_DEST}, {"fill-xor-invers-res", fill, SPICE_ROPD_OP_XOR | SPICE_ROPD_INVERS_RES},
  {"fill-blackness", fill, SPICE_ROPD_OP_BLACKNESS}, {"fill-whiteness", fill, SPICE_ROPD_OP_WHITENESS}, {"fill-invers", fill, SPICE_ROPD_OP_INVERS},
  {"fill-pattern", fill, SPICE_ROPD_OP_PUT | 0x10000}, {"fill-pattern-xor", fill, SPICE_ROPD_OP_XOR | 0x10000},
  {"fill-mask", fill, SPICE_ROPD_OP_PUT | 0x20000}, {"fill-mask-invers", fill, SPICE_ROPD_OP_PUT | 0x40000}, {"fill-clip", fill, SPICE_ROPD_OP_PUT | 0x80000},
  {"copy-1be", copy_format, SPICE_BITMAP_FMT_1BIT_BE},
  {"copy-4be", copy_format, SPICE_BITMAP_FMT_4BIT_BE}, {"copy-8", copy_format, SPICE_BITMAP_FMT_8BIT},
  {"copy-16", copy_format, SPICE_BITMAP_FMT_16BIT}, {"copy-24", copy_format, SPICE_BITMAP_FMT_24BIT}, {"copy-32", copy_format, SPICE_BITMAP_FMT_32BIT},
  {"copy-rgba", copy_format, SPICE_BITMAP_FMT_RGBA}, {"copy-32-bottom-up", copy_format, SPICE_BITMAP_FMT_32BIT | 0x100},
  {"copy-8-bottom-up", copy_format, SPICE_BITMAP_FMT_8BIT | 0x100},
  {"copy-xor", copy_rop, SPICE_ROPD_OP_XOR}, {"copy-invers-src", copy_rop, SPICE_ROPD_OP_PUT | SPICE_ROPD_INVERS_SRC},
  {"copy-scale", copy_rop, SPICE_ROPD_OP_PUT | 0x10000}, {"copy-scale-nearest", copy_rop, SPICE_ROPD_OP_PUT | 0x50000},
  {"copy-scale-xor", copy_rop, SPICE_ROPD_OP_XOR | 0x50000}, {"copy-mask", copy_rop, SPICE_ROPD_OP_PUT | 0x20000},
  {"copy-cached", cached, 1}, {"copy-from-cache", cached, 1},
  {"blend-or", blend, SPICE_ROPD_OP_OR}, {"blend-and", blend, SPICE_ROPD_OP_AND}, {"blend-xor-mask", blend, SPICE_ROPD_OP_XOR | 0x20000},
  {"opaque-or", opaque, SPICE_ROPD_OP_OR}, {"opaque-xor", opaque, SPICE_ROPD_OP_XOR}, {"opaque-and-invers-src", opaque, SPICE_ROPD_OP_AND | SPICE_ROPD_INVERS_SRC},
  {"rop3-96", rop3, 0x96}, {"rop3-ca", rop3, 0xca}, {"rop3-b8", rop3, 0xb8}, {"rop3-6a", rop3, 0x6a},
  {"transparent", transparent, 0x0014ff}, {"transparent-2", transparent, 0xff1400},
  {"alpha-128", alpha, 128}, {"alpha-rgba", alpha, 255 | 0x10000}, {"alpha-rgba-100", alpha, 100 | 0x10000},
  {"alpha-scale", alpha, 255 | 0x30000},
  {"blackness", plain, QXL_DRAW_BLACKNESS}, {"whiteness", plain, QXL_DRAW_WHITENESS}, {"invers", plain, QXL_DRAW_INVERS},
  {"blackness-mask", plain, QXL_DRAW_BLACKNESS | 0x100}, {"whiteness-mask", plain, QXL_DRAW_WHITENESS | 0x100}, {"invers-mask", plain, QXL_DRAW_INVERS | 0x100},
  {"copy-bits-left", copy_bits, 0x00c0}, {"copy-bits-overlap", copy_bits, 0x0507}, {"copy-bits-up", copy_bits, 0xd000},
  {"stroke", stroke, 0}, {"stroke-dashed", stroke, 1}, {"stroke-dashed-gap", stroke, 33}, {"stroke-dashed-gap-uneven", stroke, 97}, {"stroke-bezier", stroke, 2}, {"stroke-pattern", stroke, 4},
  {"stroke-xor", stroke, 8}, {"stroke-closed", stroke, 16},
  {"text-a1", text, 1}, {"text-a1-top-down", text, 1 | 8}, {"text-a4", text, 2}, {"text-a1-back", text, 0x100 | 1},
  {"text-a4-back", text, 0x100 | 2}, {"text-a4-pattern", text, 0x200 | 2}, {"text-a1-pattern", text, 0x200 | 1},
  {"composite-over", composite, QXL_OP_OVER}, {"composite-over-mask", composite, QXL_OP_OVER | 0x100}, {"composite-scale", composite, QXL_OP_OVER | 0x200},
  {"composite-scale-bilinear", composite, QXL_OP_OVER | 0xa00}, {"composite-repeat", composite, QXL_OP_OVER | 0x400}, {"composite-add", composite, QXL_OP_ADD},
  {"composite-src", composite, QXL_OP_SOURCE}, {"composite-multiply", composite, QXL_OP_MULTIPLY}, {"composite-xor", composite, QXL_OP_XOR},
  {"composite-pad", composite, QXL_OP_OVER | 0x4a00}, {"composite-reflect", composite, QXL_OP_OVER | 0x8400}, {"composite-turned", composite, QXL_OP_OVER | 0x10000},
  {"composite-turned-bilinear", composite, QXL_OP_OVER | 0x10800}, {"composite-turned-repeat", composite, QXL_OP_OVER | 0x10c00}, {"composite-turned-reflect", composite, QXL_OP_OVER | 0x18c00},
  {"composite-component", composite, QXL_OP_OVER | 0x20000}, {"composite-component-in", composite, QXL_OP_IN | 0x20000}, {"composite-component-add", composite, QXL_OP_ADD | 0x20000},
  {"surface-create-argb-a8", surface, 2 | SPICE_SURFACE_FMT_32_ARGB << 8}, {"surface-create-a8", surface, 4 | SPICE_SURFACE_FMT_8_A << 8},
  {"surface-draw-a8", surface_alpha, 4}, {"surface-draw-argb-a8", surface_alpha, 2}, {"composite-a8-mask", composite, QXL_OP_OVER | 0x2000},
  {"surface-composite-argb-over", composite, QXL_OP_OVER | 0x1000}, {"surface-composite-argb-mask", composite, QXL_OP_OVER_REVERSE | 0x1100}, {"surface-composite-argb-a8", composite, QXL_OP_XOR | 0x3000},
  {"composite-surface-copy", surface_copy, 2}, {"composite-from-surface", surface_over, 2}, {"composite-from-a8", surface_over, 4}, {"surface-destroy-argb-a8", surface, 2}, {"surface-destroy-a8", surface, 4},
  {"surface-create-xrgb", surface, 1 | SPICE_SURFACE_FMT_32_xRGB << 8}, {"surface-draw-xrgb", surface_draw, 1}, {"surface-fill-xrgb", surface_fill, 1},
  {"surface-copy-xrgb", surface_copy, 1}, {"surface-destroy-xrgb", surface, 1},
  {"surface-create-argb", surface, 2 | SPICE_SURFACE_FMT_32_ARGB << 8}, {"surface-draw-argb", surface_draw, 2}, {"surface-copy-argb", surface_copy, 2},
  {"surface-destroy-argb", surface, 2},
  {"big-photo", big, PHOTO | SPICE_BITMAP_FMT_32BIT << 8}, {"big-gradient", big, GRADIENT | SPICE_BITMAP_FMT_32BIT << 8 | 1 << 16},
  {"big-chart", big, CHART | SPICE_BITMAP_FMT_32BIT << 8 | 2 << 16}, {"big-noise", big, NOISE | SPICE_BITMAP_FMT_32BIT << 8 | 3 << 16},
  {"big-photo-24", big, PHOTO | SPICE_BITMAP_FMT_24BIT << 8 | 4 << 16}, {"big-photo-16", big, PHOTO | SPICE_BITMAP_FMT_16BIT << 8 | 5 << 16},
  {"big-photo-rgba", big, PHOTO | SPICE_BITMAP_FMT_RGBA << 8 | 6 << 16},
  {"cursor-alpha", cursor, 0}, {"cursor-move", cursor, 16}, {"cursor-mono", cursor, 1}, {"cursor-4", cursor, 2}, {"cursor-8", cursor, 3},
  {"cursor-16", cursor, 4}, {"cursor-24", cursor, 5}, {"cursor-32", cursor, 6}, {"cursor-hide", cursor, 17}, {"cursor-trail", cursor, 18},
  {"cursor-alpha-cached", cursor, 0}, {"cursor-reset", control, RESET_CURSOR},
  {"reset-image-cache", control, RESET_IMAGES}, {"copy-after-reset", cached, 1}, {"monitors-config", control, MONITORS},
  /* only on request (--only unsafe-...): the server and spice-gtk abort on these, or (A8) read past the glyph */
  /* every operator, on request only: there are more of them than cells for all */
  {"unsafe-operator-00", composite, 0}, {"unsafe-operator-01", composite, 1}, {"unsafe-operator-02", composite, 2}, {"unsafe-operator-03", composite, 3}, {"unsafe-operator-04", composite, 4}, {"unsafe-operator-05", composite, 5}, {"unsafe-operator-06", composite, 6}, {"unsafe-operator-07", composite, 7}, {"unsafe-operator-08", composite, 8}, {"unsafe-operator-09", composite, 9}, {"unsafe-operator-10", composite, 10}, {"unsafe-operator-11", composite, 11}, {"unsafe-operator-12", composite, 12}, {"unsafe-operator-13", composite, 13}, {"unsafe-operator-16", composite, 16}, {"unsafe-operator-17", composite, 17}, {"unsafe-operator-18", composite, 18}, {"unsafe-operator-19", composite, 19}, {"unsafe-operator-20", composite, 20}, {"unsafe-operator-21", composite, 21}, {"unsafe-operator-22", composite, 22}, {"unsafe-operator-23", composite, 23}, {"unsafe-operator-24", composite, 24}, {"unsafe-operator-25", composite, 25}, {"unsafe-operator-26", composite, 26}, {"unsafe-operator-27", composite, 27}, {"unsafe-operator-32", composite, 32}, {"unsafe-operator-33", composite, 33}, {"unsafe-operator-34", composite, 34}, {"unsafe-operator-35", composite, 35}, {"unsafe-operator-36", composite, 36}, {"unsafe-operator-37", composite, 37}, {"unsafe-operator-38", composite, 38}, {"unsafe-operator-39", composite, 39}, {"unsafe-operator-40", composite, 40}, {"unsafe-operator-41", composite, 41}, {"unsafe-operator-42", composite, 42}, {"unsafe-operator-43", composite, 43}, {"unsafe-operator-48", composite, 48}, {"unsafe-operator-49", composite, 49}, {"unsafe-operator-50", composite, 50}, {"unsafe-operator-51", composite, 51}, {"unsafe-operator-52", composite, 52}, {"unsafe-operator-53", composite, 53}, {"unsafe-operator-54", composite, 54}, {"unsafe-operator-55", composite, 55}, {"unsafe-operator-56", composite, 56}, {"unsafe-operator-57", composite, 57}, {"unsafe-operator-58", composite, 58}, {"unsafe-operator-59", composite, 59}, {"unsafe-operator-60", composite, 60}, {"unsafe-operator-61", composite, 61}, {"unsafe-operator-62", composite, 62},
  {"unsafe-surface-create-555", surface, 3 | SPICE_SURFACE_FMT_16_555 << 8}, {"unsafe-surface-draw-555", surface_draw, 3},
  {"unsafe-surface-copy-555", surface_copy, 3}, {"unsafe-surface-destroy-555", surface, 3},
  {"unsafe-text-a8", text, 4}, {"unsafe-text-a8-back", text, 0x100 | 4},
  {"unsafe-copy-1le", copy_format, SPICE_BITMAP_FMT_1BIT_LE}, {"unsafe-copy-4le", copy_format, SPICE_BITMAP_FMT_4BIT_LE},
};
enum { N = sizeof STEPS / sizeof *STEPS, FRAMES = 40 };

static void push(Cmd *c) {
  g_async_queue_push(c->ext.cmd.type == QXL_CMD_CURSOR ? cursors : draws, c);
  spice_qxl_wakeup(&qxl);
}

static void finish(int n) {
  QXLRect all = rect(0, 0, W, H);
  spice_qxl_update_area(&qxl, 0, &all, NULL, 0, 0);
  if (dump) {
    FILE *f = fopen(dump, "wb");
    fprintf(f, "P6\n%d %d\n255\n", W, H);
    for (int i = 0; i < W * H; i++) { putc(primary[i * 4 + 2], f); putc(primary[i * 4 + 1], f); putc(primary[i * 4], f); }
    fclose(f);
  }
  say("{\"done\":%d}", n);
}

static int at, cell;
static guint timer;

static gboolean listed(const char *prefixes, const char *name) { /* prefixes: words with commas between */
  char **words = g_strsplit(prefixes, ",", 0);
  gboolean found = FALSE;
  for (int i = 0; words[i]; i++) found = found || g_str_has_prefix(name, words[i]);
  g_strfreev(words);
  return found;
}

static gboolean wanted(const char *name) {
  if (skip && listed(skip, name)) return FALSE;
  return only ? listed(only, name) : !g_str_has_prefix(name, "unsafe");
}

static gboolean step(gpointer data) {
  (void)data;
  if (at < N) {
    while (at < N && !wanted(STEPS[at].name)) at++;
    if (at == N) return step(NULL);
    QXLRect box = rect(2 + cell % 12 * 66, cell / 12 * 48, CW, CH);
    gboolean in_cell = STEPS[at].make != surface && STEPS[at].make != surface_draw && STEPS[at].make != surface_fill && STEPS[at].make != surface_alpha && !(STEPS[at].make == composite && STEPS[at].how & 0x1000) &&
                       STEPS[at].make != big && STEPS[at].make != cursor && STEPS[at].make != control;
    if (in_cell) { push(copy(0, box, GRADIENT, SPICE_BITMAP_FMT_32BIT, 0)); cell = (cell + 1) % 96; }
    Cmd *c = STEPS[at].make(box, STEPS[at].how);
    if (c) push(c);
    say("{\"step\":\"%s\"}", STEPS[at].name);
  } else if (at < N + FRAMES && wanted("stream")) {
    if (at == N) say("{\"step\":\"stream\"}");
    push(frame(rect(0, 0, 1, 1), at - N));
  } else {
    if (loop && client_present) { at = cell = 0; timer = g_timeout_add(MAX(ms, 1), step, NULL); return FALSE; }
    timer = 0;
    finish(at);
    return FALSE;
  }
  at++;
  if (at == N + 1) { g_source_remove(timer); timer = g_timeout_add(MAX(ms, 40), step, NULL); }
  return TRUE;
}

static gboolean begin(gpointer data) {
  (void)data;
  if (timer) g_source_remove(timer);
  at = cell = 0;
  g_rand_set_seed(dice, 42);
  say("{\"client\":true}");
  push(fill(rect(0, 0, W, H), SPICE_ROPD_OP_BLACKNESS));
  timer = g_timeout_add(MAX(ms, 1), step, NULL);
  return FALSE;
}

/* ---- what libspice-server asks of us ---- */

static void on_attach(QXLInstance *q) { (void)q; }
static void on_compression(QXLInstance *q, int level) { (void)q; (void)level; }
static void on_init_info(QXLInstance *q, QXLDevInitInfo *i) {
  (void)q;
  memset(i, 0, sizeof *i);
  i->num_memslots = 1;
  i->num_memslots_groups = 1;
  i->memslot_id_bits = 1;
  i->memslot_gen_bits = 1;
  i->n_surfaces = 16;
}
static int take(GAsyncQueue *queue, QXLCommandExt *ext) {
  Cmd *c = g_async_queue_try_pop(queue);
  if (!c) return 0;
  *ext = c->ext;
  return 1;
}
static int on_get(QXLInstance *q, QXLCommandExt *ext) { (void)q; return take(draws, ext); }
static int on_get_cursor(QXLInstance *q, QXLCommandExt *ext) { (void)q; return take(cursors, ext); }
static int on_notification(QXLInstance *q) { (void)q; return g_async_queue_length(draws) == 0; }
static int on_cursor_notification(QXLInstance *q) { (void)q; return g_async_queue_length(cursors) == 0; }
static void on_release(QXLInstance *q, QXLReleaseInfoExt info) {
  (void)q;
  Cmd *c = (Cmd *)(uintptr_t)info.info->id;
  g_ptr_array_free(c->blocks, TRUE);
  g_free(c);
}
static void on_update(QXLInstance *q, uint32_t id) { (void)q; (void)id; }
static int on_flush(QXLInstance *q) { (void)q; return 0; }
static void on_complete(QXLInstance *q, uint64_t cookie) { (void)q; (void)cookie; }
static void on_area(QXLInstance *q, uint32_t id, QXLRect *r, uint32_t n) { (void)q; (void)id; (void)r; (void)n; }
static void on_caps(QXLInstance *q, uint8_t present, uint8_t *caps) {
  (void)q; (void)caps;
  client_present = present;
}
static int on_monitors(QXLInstance *q, VDAgentMonitorsConfig *m) {
  (void)q;
  if (m && m->num_of_monitors) say("{\"monitors\":%u,\"first\":[%u,%u]}", m->num_of_monitors, m->monitors[0].width, m->monitors[0].height);
  return 1;
}
static QXLInterface qxl_interface = {
  .base = {SPICE_INTERFACE_QXL, "draw", SPICE_INTERFACE_QXL_MAJOR, SPICE_INTERFACE_QXL_MINOR},
  .attached_worker = on_attach, .set_compression_level = on_compression, .get_init_info = on_init_info,
  .get_command = on_get, .req_cmd_notification = on_notification, .release_resource = on_release, .get_cursor_command = on_get_cursor,
  .req_cursor_notification = on_cursor_notification, .notify_update = on_update, .flush_resources = on_flush, .async_complete = on_complete,
  .update_area_complete = on_area, .set_client_capabilities = on_caps, .client_monitors_config = on_monitors,
};

static void on_key(SpiceKbdInstance *i, uint8_t code) { (void)i; say("{\"key\":%u}", code); }
static uint8_t on_leds(SpiceKbdInstance *i) { (void)i; return 0; }
static SpiceKbdInterface kbd_interface = {{SPICE_INTERFACE_KEYBOARD, "draw", SPICE_INTERFACE_KEYBOARD_MAJOR, SPICE_INTERFACE_KEYBOARD_MINOR}, on_key, on_leds};
static SpiceKbdInstance kbd = {.base.sif = &kbd_interface.base};
static void on_motion(SpiceMouseInstance *i, int dx, int dy, int dz, uint32_t b) { (void)i; say("{\"motion\":[%d,%d,%d,%u]}", dx, dy, dz, b); }
static void on_buttons(SpiceMouseInstance *i, uint32_t b) { (void)i; say("{\"buttons\":%u}", b); }
static SpiceMouseInterface mouse_interface = {{SPICE_INTERFACE_MOUSE, "draw", SPICE_INTERFACE_MOUSE_MAJOR, SPICE_INTERFACE_MOUSE_MINOR}, on_motion, on_buttons};
static SpiceMouseInstance mouse = {.base.sif = &mouse_interface.base};
static void on_size(SpiceTabletInstance *i, int w, int h) { (void)i; say("{\"tablet-size\":[%d,%d]}", w, h); }
static void on_position(SpiceTabletInstance *i, int x, int y, uint32_t b) { (void)i; say("{\"tablet\":[%d,%d,%u]}", x, y, b); }
static void on_wheel(SpiceTabletInstance *i, int w, uint32_t b) { (void)i; say("{\"wheel\":[%d,%u]}", w, b); }
static void on_tablet_buttons(SpiceTabletInstance *i, uint32_t b) { (void)i; say("{\"tablet-buttons\":%u}", b); }
static SpiceTabletInterface tablet_interface = {{SPICE_INTERFACE_TABLET, "draw", SPICE_INTERFACE_TABLET_MAJOR, SPICE_INTERFACE_TABLET_MINOR},
                                                on_size, on_position, on_wheel, on_tablet_buttons};
static SpiceTabletInstance tablet = {.base.sif = &tablet_interface.base};

/* the event loop, by GLib */
struct SpiceTimer { SpiceTimerFunc call; void *opaque; guint id; };
struct SpiceWatch { int fd; SpiceWatchFunc call; void *opaque; guint id; GIOChannel *channel; };
static gboolean timer_fires(gpointer p) { SpiceTimer *t = p; t->id = 0; t->call(t->opaque); return FALSE; }
static SpiceTimer *timer_add(SpiceTimerFunc call, void *opaque) { SpiceTimer *t = g_new0(SpiceTimer, 1); t->call = call; t->opaque = opaque; return t; }
static void timer_cancel(SpiceTimer *t) { if (t->id) g_source_remove(t->id); t->id = 0; }
static void timer_start(SpiceTimer *t, uint32_t delay) { timer_cancel(t); t->id = g_timeout_add(delay, timer_fires, t); }
static void timer_remove(SpiceTimer *t) { timer_cancel(t); g_free(t); }
static gboolean watch_fires(GIOChannel *c, GIOCondition e, gpointer p) {
  SpiceWatch *w = p;
  (void)c;
  w->call(w->fd, (e & (G_IO_IN | G_IO_HUP | G_IO_ERR) ? SPICE_WATCH_EVENT_READ : 0) | (e & G_IO_OUT ? SPICE_WATCH_EVENT_WRITE : 0), w->opaque);
  return TRUE;
}
static void watch_mask(SpiceWatch *w, int mask) {
  if (w->id) g_source_remove(w->id);
  w->id = mask ? g_io_add_watch(w->channel, (mask & SPICE_WATCH_EVENT_READ ? G_IO_IN | G_IO_HUP | G_IO_ERR : 0) | (mask & SPICE_WATCH_EVENT_WRITE ? G_IO_OUT : 0), watch_fires, w) : 0;
}
static SpiceWatch *watch_add(int fd, int mask, SpiceWatchFunc call, void *opaque) {
  SpiceWatch *w = g_new0(SpiceWatch, 1);
  w->fd = fd; w->call = call; w->opaque = opaque; w->channel = g_io_channel_unix_new(fd);
  watch_mask(w, mask);
  return w;
}
static void watch_remove(SpiceWatch *w) { if (w->id) g_source_remove(w->id); g_io_channel_unref(w->channel); g_free(w); }
static void on_channel(int event, SpiceChannelEventInfo *i) {
  if (event == SPICE_CHANNEL_EVENT_INITIALIZED && i->type == SPICE_CHANNEL_DISPLAY) g_timeout_add(300, begin, NULL);
  static const char *names[] = {"?", "connected", "initialized", "disconnected"};
  say("{\"channel\":[%d,%d],\"event\":\"%s\",\"tls\":%s}", i->type, i->id, names[event & 3], i->flags & SPICE_CHANNEL_EVENT_FLAG_TLS ? "true" : "false");
}
static SpiceCoreInterface core = {
  {SPICE_INTERFACE_CORE, "draw", SPICE_INTERFACE_CORE_MAJOR, SPICE_INTERFACE_CORE_MINOR},
  timer_add, timer_start, timer_cancel, timer_remove, watch_add, watch_mask, watch_remove, on_channel,
};

static int choice(const char *value, const char *const *names, int fallback) {
  for (int i = 0; value && names[i]; i++) if (!strcmp(value, names[i])) return i;
  return fallback;
}

int main(int argc, char **argv) {
  static const char *const comp[] = {"", "off", "auto_glz", "auto_lz", "quic", "glz", "lz", "lz4", NULL};
  static const char *const wan[] = {"", "auto", "always", "never", NULL}, *const video[] = {"", "off", "all", "filter", NULL};
  static char *password, *compression, *jpeg, *zlib, *streaming, *codecs;
  static int port = 5999;
  GOptionEntry entries[] = {
    {"port", 0, 0, G_OPTION_ARG_INT, &port, "", NULL}, {"password", 0, 0, G_OPTION_ARG_STRING, &password, "", NULL},
    {"compression", 0, 0, G_OPTION_ARG_STRING, &compression, "off auto_glz auto_lz quic glz lz lz4", NULL},
    {"jpeg", 0, 0, G_OPTION_ARG_STRING, &jpeg, "auto always never", NULL}, {"zlib-glz", 0, 0, G_OPTION_ARG_STRING, &zlib, "auto always never", NULL},
    {"streaming", 0, 0, G_OPTION_ARG_STRING, &streaming, "off all filter", NULL}, {"codecs", 0, 0, G_OPTION_ARG_STRING, &codecs, "spice:mjpeg", NULL},
    {"ms", 0, 0, G_OPTION_ARG_INT, &ms, "a step each so many ms", NULL}, {"only", 0, 0, G_OPTION_ARG_STRING, &only, "steps with one of these prefixes (a,b)", NULL},
    {"skip", 0, 0, G_OPTION_ARG_STRING, &skip, "no steps with one of these prefixes", NULL},
    {"loop", 0, 0, G_OPTION_ARG_NONE, &loop, "over and over", NULL},
    {"no-tablet", 0, 0, G_OPTION_ARG_NONE, &no_tablet, "no absolute pointer: server mouse mode", NULL}, {"dump", 0, 0, G_OPTION_ARG_STRING, &dump, "FILE.ppm", NULL}, {NULL}};
  GError *error = NULL;
  GOptionContext *context = g_option_context_new(NULL);
  g_option_context_add_main_entries(context, entries, NULL);
  if (!g_option_context_parse(context, &argc, &argv, &error)) { fprintf(stderr, "%s\n", error->message); return 2; }
  signal(SIGPIPE, SIG_IGN);
  dice = g_rand_new_with_seed(42);
  draws = g_async_queue_new();
  cursors = g_async_queue_new();
  server = spice_server_new();
  spice_server_set_addr(server, "127.0.0.1", 0);
  spice_server_set_port(server, port);
  spice_server_set_name(server, "draw");
  if (password) spice_server_set_ticket(server, password, 0, 0, 0); else spice_server_set_noauth(server);
  spice_server_set_image_compression(server, choice(compression, comp, SPICE_IMAGE_COMPRESSION_AUTO_GLZ));
  spice_server_set_jpeg_compression(server, choice(jpeg, wan, SPICE_WAN_COMPRESSION_AUTO));
  spice_server_set_zlib_glz_compression(server, choice(zlib, wan, SPICE_WAN_COMPRESSION_AUTO));
  spice_server_set_streaming_video(server, choice(streaming, video, SPICE_STREAM_VIDEO_FILTER));
  if (codecs) spice_server_set_video_codecs(server, codecs);
  if (spice_server_init(server, &core)) return 1;
  qxl.base.sif = &qxl_interface.base;
  if (spice_server_add_interface(server, &qxl.base)) return 1;
  spice_server_add_interface(server, &kbd.base);
  spice_server_add_interface(server, &mouse.base);
  if (!no_tablet) spice_server_add_interface(server, &tablet.base);
  QXLDevMemSlot slot = {.virt_end = ~0UL};
  spice_qxl_add_memslot(&qxl, &slot);
  make_primary(W, H);
  spice_server_vm_start(server);
  say("{\"listening\":%d}", port);
  g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
