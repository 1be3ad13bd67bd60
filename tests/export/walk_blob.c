/* walk_blob BLOB ROWS COUNT: margins, probabilities and contributions of COUNT rows, float32, to stdout.
 * A program around leukoscope/bundle/tree_kernel.c for a machine without Python: built with it, for another processor. */
#include <stdio.h>
#include <stdlib.h>

#include "tree_kernel.c"

static void *content(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) exit(2);
    *length = (size_t)ftell(file);
    rewind(file);
    void *data = malloc(*length);
    if (!data || fread(data, 1, *length, file) != *length) exit(2);
    fclose(file);
    return data;
}

int main(int arguments, char **argument)
{
    if (arguments != 4) return 2;
    size_t blob_bytes, row_bytes, rows = (size_t)atoi(argument[3]);
    const unsigned char *blob = content(argument[1], &blob_bytes);
    const float *x = content(argument[2], &row_bytes);
    struct forest forest;
    if (open_forest(blob, blob_bytes, &forest) || row_bytes != rows * forest.counts.features * sizeof *x) return 2;
    size_t outputs = forest.counts.outputs, classes = forest.counts.objective == LOGISTIC ? 2 : outputs;
    size_t whole = outputs * (forest.counts.features + 1);
    float *margins = malloc(rows * outputs * sizeof *margins), *probabilities = malloc(rows * classes * sizeof *margins);
    float *parts = malloc(rows * whole * sizeof *parts);
    double *sums = malloc(whole * sizeof *sums);
    if (!margins || !probabilities || !parts || !sums) return 2;
    if (leuko_trees_predict(blob, blob_bytes, x, rows, margins, probabilities)) return 2;
    if (leuko_trees_contributions(blob, blob_bytes, x, rows, sums, parts)) return 2;
    fwrite(margins, sizeof *margins, rows * outputs, stdout);
    fwrite(probabilities, sizeof *margins, rows * classes, stdout);
    fwrite(parts, sizeof *parts, rows * whole, stdout);
    return 0;
}
