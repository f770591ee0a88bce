// Speed of liquid-dsp's ofdmflexframesync on back-to-back frames, for comparison with ours.
// cc -O3 -march=native ofdmflexframesync.c -lliquid -lm && ./a.out SECONDS
// Same sizes as ours: 256 carriers, prefix 32, QPSK, about 67 data symbols a frame, 10 dB SNR; no payload FEC, no CRC.
#include <complex.h>
#include <liquid/liquid.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int callback(unsigned char *header, int header_valid, unsigned char *payload, unsigned int payload_len,
                    int payload_valid, framesyncstats_s stats, void *userdata) {
    (void)header, (void)payload, (void)payload_len, (void)payload_valid, (void)stats;
    *(unsigned *)userdata += header_valid;
    return 0;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 2.0;
    enum { M = 256, CP = 32, PAYLOAD = 3200, FRAMES = 40 };
    ofdmflexframegenprops_s props;
    ofdmflexframegenprops_init_default(&props);
    props.check = LIQUID_CRC_NONE;
    props.fec0 = LIQUID_FEC_NONE;
    props.fec1 = LIQUID_FEC_NONE;
    props.mod_scheme = LIQUID_MODEM_QPSK;
    ofdmflexframegen gen = ofdmflexframegen_create(M, CP, 0, NULL, &props);
    unsigned char header[8] = {0}, payload[PAYLOAD];
    size_t n = 0, room = 64 << 20;
    float complex *samples = malloc(room * sizeof *samples);
    for (int f = 0; f < FRAMES; f++) {
        for (int i = 0; i < PAYLOAD; i++) payload[i] = rand() & 255;
        ofdmflexframegen_assemble(gen, header, payload, PAYLOAD);
        // Symbol by symbol would do as well; the buffer takes what the generator has.
        int last = 0;
        while (!last) {
            last = ofdmflexframegen_write(gen, samples + n, M + CP);
            n += M + CP;
        }
    }
    float noise = 0.7071f * 0.316f;
    for (size_t i = 0; i < n; i++) samples[i] += noise * (randnf() + _Complex_I * randnf());
    unsigned frames = 0;
    ofdmflexframesync sync = ofdmflexframesync_create(M, CP, 0, NULL, callback, &frames);
    double start = now(), spent = 0;
    size_t total = 0, rounds = 0;
    while (spent < seconds) {
        ofdmflexframesync_execute(sync, samples, n);
        total += n;
        rounds++;
        spent = now() - start;
    }
    printf("{\"program\": \"liquid-dsp ofdmflexframesync\", \"ms_per_second_of_cpu\": %.2f, \"frames_received\": %u, "
           "\"frames_sent\": %zu, \"samples_a_frame\": %zu}\n",
           total / spent / 1e6, frames, rounds * FRAMES, n / FRAMES);
    return 0;
}
