/* A real T.30 fax call between two spandsp terminals over a noisy 8 kHz channel.
 *
 *   faxloop in.tif out.tif [ecm=0|1] [hit=P] [hitdb=DBM0] [noise=DBM0] [seed=N] [overlay=0|1]
 *           [header=TEXT]
 *
 * hit    chance of a burst of noise in a second of the line (20-80 ms each); hitdb its level
 * noise  steady noise; above about -50 dBm0 the handshake fails, so use hits
 * Prints what the receiver counted. About 0.1 s for a page that takes 40 s on the line.
 */
#include <spandsp.h>
#include <spandsp/expose.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SENDER, RECEIVER };
enum { RATE = 8000, BLOCK = 160 /* 20 ms */, HANDSHAKE_S = 9, GIVE_UP_S = 40 * 60 };

typedef struct {
    int ecm, overlay, seed;
    double noise, hit, hitdb;
    const char *header;
} options_t;

/* spandsp asks for these: the same call must give the same file on any day and machine. */
time_t time(time_t *out)
{
    const time_t one_morning = 1747702800; /* 2025-05-20 01:00 UTC */
    if (out)
        *out = one_morning;
    return one_morning;
}

int gethostname(char *name, size_t len)
{
    snprintf(name, len, "faxloop");
    return 0;
}

static int ended[2];
static int failed;

static void call_ended(t30_state_t *t30, void *who, int result)
{
    t30_stats_t stats;
    t30_get_transfer_statistics(t30, &stats);
    ended[(long) who] = 1;
    if (result != T30_ERR_OK)
        failed = 1;
    fprintf(stderr, "%s: %s, pages %d, bad rows %d, longest run %d, %d bit/s, ecm %d\n",
            (long) who == SENDER ? "sender" : "receiver", t30_completion_code_to_str(result),
            (long) who == SENDER ? stats.pages_tx : stats.pages_rx, stats.bad_rows,
            stats.longest_bad_row_run, stats.bit_rate, stats.error_correcting_mode);
}

static options_t parse(int argc, char **argv)
{
    options_t o = {0, 0, 1, -99.0, 0.0, -20.0, "FROM 03-1111-2222"};
    for (int i = 3; i < argc; i++) {
        sscanf(argv[i], "ecm=%d", &o.ecm);
        sscanf(argv[i], "overlay=%d", &o.overlay);
        sscanf(argv[i], "seed=%d", &o.seed);
        sscanf(argv[i], "noise=%lf", &o.noise);
        sscanf(argv[i], "hit=%lf", &o.hit);
        sscanf(argv[i], "hitdb=%lf", &o.hitdb);
        if (!strncmp(argv[i], "header=", 7))
            o.header = argv[i] + 7;
    }
    return o;
}

static fax_state_t *terminal(int who, const options_t *o, const char *file)
{
    fax_state_t *fax = fax_init(NULL, who == SENDER);
    t30_state_t *t30 = fax_get_t30_state(fax);
    t30_set_tx_ident(t30, who == SENDER ? "81312345678" : "81311112222");
    t30_set_ecm_capability(t30, o->ecm);
    if (o->ecm)
        t30_set_supported_compressions(t30, T30_SUPPORT_T4_1D_COMPRESSION
            | T30_SUPPORT_T4_2D_COMPRESSION | T30_SUPPORT_T6_COMPRESSION);
    t30_set_supported_image_sizes(t30, T30_SUPPORT_US_LETTER_LENGTH | T30_SUPPORT_US_LEGAL_LENGTH
        | T30_SUPPORT_UNLIMITED_LENGTH | T30_SUPPORT_215MM_WIDTH | T30_SUPPORT_255MM_WIDTH
        | T30_SUPPORT_303MM_WIDTH);
    t30_set_supported_resolutions(t30, T30_SUPPORT_STANDARD_RESOLUTION
        | T30_SUPPORT_FINE_RESOLUTION | T30_SUPPORT_SUPERFINE_RESOLUTION
        | T30_SUPPORT_R8_RESOLUTION | T30_SUPPORT_R16_RESOLUTION);
    t30_set_supported_modems(t30, T30_SUPPORT_V27TER | T30_SUPPORT_V29 | T30_SUPPORT_V17);
    t30_set_phase_e_handler(t30, call_ended, (void *) (long) who);
    if (who == SENDER) {
        t30_set_tx_page_header_info(t30, o->header);
        t30_set_tx_page_header_overlays_image(t30, o->overlay);
        t30_set_tx_file(t30, file, -1, -1);
    } else {
        t30_set_rx_file(t30, file, -1);
    }
    return fax;
}

static double uniform(void)
{
    return (rand() + 1.0) / (RAND_MAX + 2.0);
}

static double gauss(void)
{
    double u = uniform(), v = uniform();
    return sqrt(-2.0 * log(u)) * cos(6.283185307 * v);
}

/* 3.14 dBm0 is a full-scale sine. */
static double amplitude(double dbm0)
{
    return dbm0 < -90.0 ? 0.0 : pow(10.0, (dbm0 - 3.14) / 20.0) * 32768.0 / sqrt(2.0);
}

static void disturb(int16_t *block, double level)
{
    for (int i = 0; i < BLOCK; i++) {
        double v = block[i] + level * gauss();
        block[i] = v > 32767.0 ? 32767 : v < -32768.0 ? -32768 : (int16_t) v;
    }
}

static void call(fax_state_t *fax[2], const options_t *o)
{
    int16_t sent[2][BLOCK];
    int burst = 0;
    for (long n = 0; n < (long) RATE * GIVE_UP_S && !(ended[0] && ended[1]); n += BLOCK) {
        for (int i = 0; i < 2; i++) {
            int len = fax_tx(fax[i], sent[i], BLOCK);
            memset(sent[i] + len, 0, sizeof(int16_t) * (BLOCK - len));
        }
        if (burst > 0)
            burst--;
        else if (o->hit > 0.0 && n > RATE * HANDSHAKE_S && uniform() < o->hit * BLOCK / RATE)
            burst = 1 + rand() % 4;
        double level = amplitude(o->noise) + (burst > 0 ? amplitude(o->hitdb) : 0.0);
        if (level > 0.0)
            disturb(sent[SENDER], level);
        fax_rx(fax[RECEIVER], sent[SENDER], BLOCK);
        fax_rx(fax[SENDER], sent[RECEIVER], BLOCK);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: faxloop in.tif out.tif [name=value ...]\n");
        return 2;
    }
    options_t o = parse(argc, argv);
    srand(o.seed);
    fax_state_t *fax[2] = {terminal(SENDER, &o, argv[1]), terminal(RECEIVER, &o, argv[2])};
    call(fax, &o);
    fax_release(fax[SENDER]);
    fax_release(fax[RECEIVER]);
    return failed || !(ended[0] && ended[1]);
}
