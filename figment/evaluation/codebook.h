// How many codes of a codebook are used.
#pragma once
#include "figment/evaluation/subject.h"

namespace figment {

/// codebook_usage: share of the K codes that are chosen at least once; codebook_perplexity: exp(-sum p log p) of how
/// often each is chosen, the number of codes that would carry as much if all were used alike. Over all examples, never
/// a mean over batches, whose few vectors bound what they can show. Dead codes are listed in a warning, with advice
/// where they are many; the series code_uses holds the share of each code. Of several grids each has its own figures,
/// their names ending in its extents: codebook_usage_8x8.
/// Source   van den Oord et al. 2017, arXiv:1711.00937, Sec. 4.1 (perplexity)
void measure_codebook(const Subject&, Evaluation&);

}  // namespace figment
