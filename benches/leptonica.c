/* What Leptonica needs to read, to measure the skew and to rotate the same pages: the yardstick of
 * `make bench`. Files are read into memory first, as for faxtally; the clock is the processor's.
 *
 * Prints: pages, milliseconds of processor time. */
#include <leptonica/allheaders.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Decodes, measures and rotates one page; false if it cannot be had. */
static int one(const l_uint8 *bytes, size_t size)
{
    l_float32 angle = 0, confidence = 0;
    PIX *page = pixReadMem(bytes, size);
    if (!page)
        return 0;
    pixFindSkew(page, &angle, &confidence);
    /* Shears are what pixDeskew itself takes for bilevel pages. */
    PIX *level = pixRotate(page, angle * 3.14159265f / 180, L_ROTATE_SHEAR, L_BRING_IN_WHITE, 0, 0);
    pixDestroy(&level);
    pixDestroy(&page);
    return 1;
}

int main(int argc, char **argv)
{
    int n = argc - 1, pages = 0;
    l_uint8 **bytes = calloc(n + 1, sizeof *bytes);
    size_t *sizes = calloc(n + 1, sizeof *sizes);
    if (!bytes || !sizes)
        return 1;
    setMsgSeverity(L_SEVERITY_NONE);
    for (int i = 0; i < n; i++)
        bytes[i] = l_binaryRead(argv[i + 1], &sizes[i]);
    clock_t start = clock();
    for (int i = 0; i < n; i++)
        pages += bytes[i] && one(bytes[i], sizes[i]);
    double spent = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("%d %.3f\n", pages, spent * 1000);
    return 0;
}
