#include "figment/pages/report_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "figment/models/cards.h"

namespace figment {
namespace {

// Names that metrics or several models share. What one model alone uses stands in its card (models/<id>/config.h).
constexpr Term kShared[] = {
    {"loss", "Loss", "The weighted sum of its terms, which training minimises."},
    {"elbo_nats", "Negative ELBO",
     "Reconstruction and KL divergence together: an upper bound of the negative log-likelihood (NLL) of an image. "
     "Smaller is better."},
    {"nll_nats", "Negative log-likelihood (NLL)",
     "Negative log-probability of an image (given its class, where the model takes one), exactly. Smaller is better."},
    {"reconstruction_nats", "Reconstruction",
     "Negative log-likelihood of an image given its latent code. Smaller is better."},
    {"kl_nats", "KL divergence",
     "How much information about an image its latent code carries, beyond a draw from the prior. Near zero the code is "
     "ignored."},
    {"active_units", "Active units",
     "Latent dimensions whose code varies over all images that are measured, by a variance above 0.01; the others "
     "carry "
     "no information."},
    {"bound_nats", "Bound of the NLL",
     "An upper bound of the negative log-likelihood, every term at full weight. The best checkpoint has the smallest."},
    {"reconstruction_mse", "Mean squared error (MSE)",
     "Mean squared difference between an image and its reconstruction, in values from 0 to 1. Smaller is better."},
    {"bits_per_dim", "Bits per dimension",
     "Bits that lossless storage of one colour value of one pixel would take, at as many levels as the unit says. "
     "Smaller is better."},
    {"codebook_usage", "Codebook usage", "The share of codes that are chosen at all; the others are dead. 1 is best."},
    {"codebook_perplexity", "Codebook perplexity",
     "The number of equally frequent codes that would carry as much information. Larger is better; the codebook's size "
     "is the most."},
    {"accuracy", "Accuracy", "The share of images whose class is predicted correctly. 1 is best."},
    {"frechet_distance", "Fréchet distance",
     "Distance between generated and real images: that of two Gaussians fitted to their features. Smaller is better."},
    {"frechet_distance_floor", "Fréchet distance of training images",
     "The same of as many training images as were generated: what a model has whose images are as good as "
     "photographs."},
    {"frechet_distance_times_floor", "Fréchet distance in multiples of the floor",
     "The distance divided by that of as many training images. 1 is best; it compares across feature extractors better "
     "than the distance itself."},
    {"frechet_distance_second", "Fréchet distance by the second extractor",
     "The same in the features of another classifier, which chose no checkpoint. Smaller is better."},
    {"frechet_distance_floor_second", "Fréchet distance of training images by the second extractor",
     "What as many training images have by the second extractor."},
    {"frechet_distance_times_floor_second", "Multiples of the floor by the second extractor",
     "The distance by the second extractor divided by that of as many training images. 1 is best."},
    {"frechet_distance_pixels", "Fréchet distance of pixels",
     "The same of pixel values, in the 64 directions in which training images vary most: no network decides. Smaller "
     "is "
     "better."},
    {"frechet_distance_floor_pixels", "Fréchet distance of the pixels of training images",
     "What as many training images have by their pixels."},
    {"frechet_distance_times_floor_pixels", "Multiples of the floor by pixels",
     "The distance of pixels divided by that of as many training images. 1 is best."},
    {"frechet_distance_train", "Fréchet distance of training images",
     "That of all training images, however many: figures of figment 0.1. A distance falls with the number of images, "
     "so "
     "it is no floor of the distance of fewer."},
    {"frechet_distance_blurred", "Fréchet distance of blurred images",
     "The same of the real images blurred by half a pixel: how sensitive these features are."},
    {"kernel_distance", "Kernel distance (KID)",
     "Maximum mean discrepancy between the features of generated and of real images under a cubic kernel. Smaller is "
     "better. ± is the standard deviation over its subsets of 1,000 images."},
    {"precision", "Precision", "The share of generated images that lie among the real ones. 1 is best."},
    {"recall", "Recall", "The share of real images that lie among the generated ones: diversity. 1 is best."},
    {"density", "Density",
     "In how many neighbourhoods of real images a generated one lies, on average; for real images it is 1."},
    {"coverage", "Coverage", "The share of real images with a generated one in their neighbourhood. 1 is best."},
    {"inception_score", "Inception score",
     "High where each generated image is clearly of one class and all classes are equally frequent; the number of "
     "classes is the most. ± is the standard deviation over its ten parts."},
    {"inception_score_real", "Inception score of real images", "The same of real images."},
    {"class_share_min", "Rarest class",
     "The share of the rarest class among the generated images. Near zero a class is never generated."},
    {"class_accuracy", "Class accuracy",
     "The share of generated images that are classified as the class that was asked for. 1 is best."},
    {"sharpness", "Sharpness", "Variance of the Laplacian, a measure of edges; blurred images have less."},
    {"sharpness_real", "Sharpness of real images", "The same of real images."},
    {"nearest_training_distance", "Nearest training image",
     "The median distance, in features, from a generated image to the training image nearest to it."},
    {"nearest_training_distance_real", "Nearest training image of real images",
     "The same of real images that training never saw."},
    {"neighbours", "Generated images and their nearest training images", ""},
    {"gradient_norm", "Gradient norm", "Norm of the gradient before it is clipped."},
    {"code_uses", "How often each code is chosen", "The share of all places in all images; dead codes have none."},
    {"drawing", "The pixels in the order in which they are drawn", ""},
    {"bits_per_image", "Bits per image",
     "Bits that lossless storage of one image's codes would take, given its class where the model takes one. Smaller "
     "is "
     "better."},
};

const Term* found(std::string_view name) {
  if (const auto shared = std::ranges::find(kShared, name, &Term::name); shared != std::end(kShared)) return shared;
  for (const ModelCard& model : model_cards())
    if (const auto own = std::ranges::find(model.card.terms, name, &Term::name); own != model.card.terms.end())
      return &*own;
  return nullptr;
}

/// "k" of "iwae_k_nats", empty for another name.
std::string_view importance_samples(std::string_view name) {
  constexpr std::string_view before = "iwae_", after = "_nats";
  if (name.size() <= before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after)) return "";
  return name.substr(before.size(), name.size() - before.size() - after.size());
}

}  // namespace

Words words_of(std::string_view name) {
  if (const Term* term = found(name)) return {std::string(term->title), std::string(term->sentence)};
  if (const auto k = importance_samples(name); !k.empty())
    return {fmt::format("Importance-weighted bound, k = {}", k),
            fmt::format("A tighter bound of the NLL, from {} latent samples of each image. Smaller is better.", k)};
  std::string title(name.ends_with("_nats") ? name.substr(0, name.size() - 5) : name);
  for (char& c : title)
    if (c == '_') c = ' ';
  if (!title.empty()) title[0] = char(std::toupper(uint8_t(title[0])));
  return {title, ""};
}

std::string unit_of(std::string_view name, const Json& data) {
  if (name.ends_with("_nats") || name.find("_nats_per_") != name.npos) return "nats";
  if (!name.starts_with("bits_per_")) return "";
  const std::string levels = name == "bits_per_dim" ? spoken(find(data, {"pixels", "levels"})) : "";
  return levels.empty() ? "bits" : fmt::format("bits, {} levels", levels);
}

std::string grid_words(const Json& grid) {
  std::string text = fmt::format("{} × {}", spoken(find(grid, {"width"})), spoken(find(grid, {"height"})));
  if (grid.contains("num_codes")) text += fmt::format(" codes of {}", spoken(grid["num_codes"]));
  const std::string channels = spoken(find(grid, {"channels"}));
  return text + (channels == "1" ? ", grey" : channels == "3" ? ", colour" : "");
}

std::string example_words(const Json& data) {
  for (const char* grid : {"codes", "pixels"})
    if (const Json& held = find(data, {grid}); held.is_object()) return grid_words(held);
  const std::string numbers = spoken(find(data, {"points", "numbers"}));
  return numbers.empty() ? "" : fmt::format("points of {} numbers", numbers);
}

}  // namespace figment
