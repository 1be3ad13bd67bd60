/* The walk through trees.bin: margins, probabilities, and what each feature adds. Plain C99, no state, no allocation.
 *
 * Every function takes the blob as it lies in memory and derives its sections from the header, as docs/bundle-format.md
 * says; a length that the header does not imply is refused here too. The bounds of the values (features, children, bit
 * sets, outputs) are the reader's, leukoscope/bundle/tree_checks.py: a blob comes here only after it.
 *
 * Margins are added in float32 in the order of the file, so this must not be compiled with contraction or fast mathematics.
 */
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__FAST_MATH__)
#error "margins must be XGBoost's bit for bit: no -ffast-math"
#endif
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "float must be computed in float"
#endif
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "trees.bin is little-endian"
#endif

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

enum { KERNEL_VERSION = 2, HEADER_BYTES = 128, ALIGNMENT_BYTES = 64 };
enum { PERFECT = 1, NODES = 2, LOGISTIC = 1, DEPTH_LIMIT = 10, OUTPUTS_LIMIT = 1000 };
enum { TOGETHER = 8 }; /* trees that are walked side by side: their loads overlap (measured: 4, 8, 12, 16) */
enum { LINE_SPLITS = 8 }; /* of the perfect layout, in a cache line of 64 bytes */
#define FEATURE_MASK 0xffffffu
#define CATEGORICAL 0x40000000u
#define CATEGORY_LIMIT 16777216.0f

struct header {
    uint32_t layout, objective, features, outputs, trees, depth, nodes, sets, set_words;
    float temperature;
};
struct split { float threshold; uint32_t feature; };
struct node { float value; uint32_t feature, child; };
struct forest {
    struct header counts;
    const float *base_score, *leaves, *means;
    const uint32_t *output_of_tree, *roots, *sets;
    const void *splits;
};

static uint64_t section(uint64_t *end, uint64_t items, uint64_t item_bytes)
{
    uint64_t start = *end;
    *end = (start + items * item_bytes + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
    return start;
}

/* 0, or 1 if these bytes are no version 1 of the length that their header implies. No count is above 2^32, so 64 bits hold every sum. */
static int open_forest(const unsigned char *blob, size_t length, struct forest *forest)
{
    struct header *c = &forest->counts;
    uint32_t version;
    if (length < HEADER_BYTES || (uintptr_t)blob % sizeof(float) || memcmp(blob, "LEUKTREE", 8)) return 1;
    memcpy(&version, blob + 8, sizeof version);
    memcpy(c, blob + 12, sizeof *c);
    if (version != 1 || (c->layout != PERFECT && c->layout != NODES)) return 1;
    int perfect = c->layout == PERFECT;
    if ((perfect && c->depth > DEPTH_LIMIT) || c->outputs > OUTPUTS_LIMIT) return 1;
    uint64_t leaves = perfect ? (uint64_t)c->trees << c->depth : 0, end = HEADER_BYTES;
    if (perfect && leaves - c->trees != c->nodes) return 1;
    forest->base_score = (const float *)(blob + section(&end, c->outputs, 4));
    forest->output_of_tree = (const uint32_t *)(blob + section(&end, c->trees, 4));
    forest->roots = (const uint32_t *)(blob + section(&end, perfect ? 0 : c->trees, 4));
    forest->splits = blob + section(&end, c->nodes, perfect ? sizeof(struct split) : sizeof(struct node));
    forest->leaves = (const float *)(blob + section(&end, leaves, 4));
    forest->means = (const float *)(blob + section(&end, c->nodes, 4));
    forest->sets = (const uint32_t *)(blob + section(&end, (uint64_t)c->sets * c->set_words, 4));
    return end != length;
}

/* 1 to the left, 0 to the right; `words` has the default direction in its highest bit. */
static inline uint32_t goes_left(float value, float threshold, uint32_t word)
{
    return (uint32_t)(value < threshold) | ((uint32_t)(value != value) & (word >> 31));
}

/* The step of the perfect layout, without a branch. */
static inline uint32_t below(const struct split *tree, const float *row, uint32_t at)
{
    struct split split = tree[at];
    return 2 * at + 2 - goes_left(row[split.feature & FEATURE_MASK], split.threshold, split.feature);
}

static uint32_t category_goes_left(const struct forest *forest, struct node node, float value)
{
    uint32_t set, category;
    if (value != value) return node.feature >> 31;
    if (!(value >= 0 && value < CATEGORY_LIMIT)) return 1;
    memcpy(&set, &node.value, sizeof set);
    category = (uint32_t)value;
    if (category / 32 >= forest->counts.set_words) return 1;
    return !(forest->sets[(size_t)set * forest->counts.set_words + category / 32] >> category % 32 & 1);
}

/* The step of the node layout; a leaf stays where it is. */
static inline uint32_t child(const struct forest *forest, const float *row, uint32_t at)
{
    struct node node = ((const struct node *)forest->splits)[at];
    float value = row[node.feature & FEATURE_MASK];
    uint32_t left = node.feature & CATEGORICAL ? category_goes_left(forest, node, value)
                                               : goes_left(value, node.value, node.feature);
    return node.child ? node.child + 1 - left : at;
}

/* Walks `count` trees from `first` on, at most TOGETHER, and adds their leaves in order. */
static inline void add_perfect(const struct forest *forest, const float *restrict row, uint32_t first, uint32_t count,
                               float *restrict margins)
{
    uint32_t depth = forest->counts.depth, size = (1u << depth) - 1, at[TOGETHER] = {0};
    const struct split *tree = (const struct split *)forest->splits + (size_t)first * size;
    for (uint32_t level = 0; level < depth; level++)
        for (uint32_t i = 0; i < count; i++) at[i] = below(tree + (size_t)i * size, row, at[i]);
    for (uint32_t i = 0; i < count; i++)
        margins[forest->output_of_tree[first + i]] += forest->leaves[((size_t)(first + i) << depth) + at[i] - size];
}

static void margins_of_perfect(const struct forest *forest, const float *row, float *margins)
{
    uint32_t trees = forest->counts.trees, size = (1u << forest->counts.depth) - 1, first = 0;
    const struct split *splits = forest->splits;
    for (; trees - first >= TOGETHER; first += TOGETHER) {
        if (trees - first >= 2 * TOGETHER)
            for (uint32_t i = TOGETHER; i < 2 * TOGETHER; i++) {
                const struct split *tree = splits + (size_t)(first + i) * size;
                PREFETCH(tree); /* the first three levels */
                PREFETCH(tree + LINE_SPLITS); /* the fourth */
            }
        add_perfect(forest, row, first, TOGETHER, margins);
    }
    add_perfect(forest, row, first, trees - first, margins);
}

static inline void add_nodes(const struct forest *forest, const float *restrict row, uint32_t first, uint32_t count,
                             float *restrict margins)
{
    const struct node *nodes = forest->splits;
    uint32_t at[TOGETHER], moved = 1;
    for (uint32_t i = 0; i < count; i++) at[i] = forest->roots[first + i];
    for (uint32_t level = 0; moved && level < forest->counts.depth; level++) {
        moved = 0;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t next = child(forest, row, at[i]);
            moved |= next ^ at[i];
            at[i] = next;
        }
    }
    for (uint32_t i = 0; i < count; i++) margins[forest->output_of_tree[first + i]] += nodes[at[i]].value;
}

static void margins_of_nodes(const struct forest *forest, const float *row, float *margins)
{
    uint32_t trees = forest->counts.trees, first = 0;
    for (; trees - first >= TOGETHER; first += TOGETHER) add_nodes(forest, row, first, TOGETHER, margins);
    add_nodes(forest, row, first, trees - first, margins);
}

/* XGBoost's own: in float, the argument capped so that the exponential stays finite. */
static void logistic(float margin, float *out)
{
    float power = -margin < 88.7f ? -margin : 88.7f;
    out[1] = 1.0f / (expf(power) + 1.0f);
    out[0] = 1.0f - out[1];
}

/* XGBoost's own: exponentials in float, their sum in double, rounded to float before the division. */
static void softmax(const float *margins, uint32_t outputs, float temperature, float *out)
{
    float greatest = margins[0] / temperature;
    double sum = 0;
    for (uint32_t k = 1; k < outputs; k++) greatest = fmaxf(margins[k] / temperature, greatest);
    for (uint32_t k = 0; k < outputs; k++) sum += out[k] = expf(margins[k] / temperature - greatest);
    for (uint32_t k = 0; k < outputs; k++) out[k] /= (float)sum;
}

static void to_probabilities(const struct header *counts, const float *margins, float *out)
{
    if (counts->objective == LOGISTIC) logistic(margins[0] / counts->temperature, out);
    else softmax(margins, counts->outputs, counts->temperature, out);
}

/* What one split adds to its feature: the change of the mean of what lies below. */
static void explain_perfect(const struct forest *forest, const float *row, uint32_t tree, double *sums)
{
    uint32_t depth = forest->counts.depth, size = (1u << depth) - 1, at = 0;
    const struct split *splits = (const struct split *)forest->splits + (size_t)tree * size;
    const float *means = forest->means + (size_t)tree * size;
    const float *leaves = forest->leaves + ((size_t)tree << depth);
    float mean = depth ? means[0] : leaves[0];
    sums[forest->counts.features] += mean;
    for (uint32_t level = 1; level <= depth; level++) {
        uint32_t feature = splits[at].feature & FEATURE_MASK;
        at = below(splits, row, at);
        float after = level < depth ? means[at] : leaves[at - size];
        sums[feature] += after - mean;
        mean = after;
    }
}

static void explain_nodes(const struct forest *forest, const float *row, uint32_t tree, double *sums)
{
    const struct node *nodes = forest->splits;
    uint32_t at = forest->roots[tree];
    sums[forest->counts.features] += forest->means[at];
    for (uint32_t level = 0; level < forest->counts.depth && nodes[at].child; level++) {
        uint32_t next = child(forest, row, at);
        sums[nodes[at].feature & FEATURE_MASK] += forest->means[next] - forest->means[at];
        at = next;
    }
}

uint32_t leuko_trees_version(void) { return KERNEL_VERSION; }

/* Rows [count, F] -> margins [count, K] and probabilities [count, classes]; either may be NULL. 0, or 1 for another blob. */
int leuko_trees_predict(const unsigned char *blob, size_t length, const float *rows, size_t count, float *margins,
                        float *probabilities)
{
    struct forest forest;
    if (open_forest(blob, length, &forest)) return 1;
    const struct header *c = &forest.counts;
    size_t classes = c->objective == LOGISTIC ? 2 : c->outputs;
    float room[OUTPUTS_LIMIT];
    for (size_t r = 0; r < count; r++) {
        const float *row = rows + r * c->features;
        float *sums = margins ? margins + r * c->outputs : room;
        memcpy(sums, forest.base_score, c->outputs * sizeof *sums);
        if (c->layout == PERFECT) margins_of_perfect(&forest, row, sums);
        else margins_of_nodes(&forest, row, sums);
        if (probabilities) to_probabilities(c, sums, probabilities + r * classes);
    }
    return 0;
}

/* Margins [count, K] -> probabilities [count, classes]. */
int leuko_trees_probabilities(const unsigned char *blob, size_t length, const float *margins, size_t count, float *out)
{
    struct forest forest;
    if (open_forest(blob, length, &forest)) return 1;
    size_t classes = forest.counts.objective == LOGISTIC ? 2 : forest.counts.outputs;
    for (size_t r = 0; r < count; r++)
        to_probabilities(&forest.counts, margins + r * forest.counts.outputs, out + r * classes);
    return 0;
}

/* Rows [count, F] -> path attributions [count, K, F + 1], the bias last; `sums` is room for [K, F + 1] doubles. */
int leuko_trees_contributions(const unsigned char *blob, size_t length, const float *rows, size_t count, double *sums,
                              float *out)
{
    struct forest forest;
    if (open_forest(blob, length, &forest)) return 1;
    const struct header *c = &forest.counts;
    size_t width = (size_t)c->features + 1, whole = width * c->outputs;
    for (size_t r = 0; r < count; r++) {
        const float *row = rows + r * c->features;
        memset(sums, 0, whole * sizeof *sums);
        for (uint32_t k = 0; k < c->outputs; k++) sums[k * width + c->features] = forest.base_score[k];
        for (uint32_t t = 0; t < c->trees; t++) {
            double *mine = sums + forest.output_of_tree[t] * width;
            if (c->layout == PERFECT) explain_perfect(&forest, row, t, mine);
            else explain_nodes(&forest, row, t, mine);
        }
        for (size_t i = 0; i < whole; i++) out[r * whole + i] = (float)sums[i];
    }
    return 0;
}
