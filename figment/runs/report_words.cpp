#include "figment/runs/report_words.h"

#include <fmt/format.h>

#include <cctype>

namespace figment {
namespace {

struct Row {
  std::string_view name, title, sentence;
};
constexpr Row kRows[] = {
    {"loss", "Loss", "What training makes small: the weighted sum of its terms."},
    {"elbo_nats", "Evidence bound (ELBO)",
     "Reconstruction and KL divergence together: an upper bound of the surprise at an image. Smaller is better."},
    {"nll_nats", "Negative log-likelihood",
     "The surprise at an image (given its class, where the model takes one), exactly. Smaller is better."},
    {"reconstruction_nats", "Reconstruction",
     "The surprise that is left in an image once its code is known. Smaller is better."},
    {"kl_nats", "KL divergence",
     "What the code costs: how much it says about an image beyond a random draw. Near zero the code is ignored."},
    {"active_units", "Active units", "Numbers of the code that change from image to image; the others carry nothing."},
    {"bound_nats", "Bound",
     "An upper bound of the surprise at an image, every term at full weight: the best checkpoint has the smallest."},
    {"reconstruction_mse", "Squared error",
     "Mean squared difference between an image and its reconstruction, in values from 0 to 1. Smaller is better."},
    {"bits_per_dim", "Bits per dimension",
     "Bits that storing one colour value of one pixel would take, at as many levels as the unit says. Smaller is "
     "better."},
    {"codebook_usage", "Codebook in use",
     "The share of codes that are chosen at all. Those that are not are dead weight. 1 is best."},
    {"codebook_perplexity", "Codebook perplexity",
     "How many codes would say as much if all were chosen equally often. Larger is better, up to the codebook's size."},
    {"accuracy", "Accuracy", "The share of images whose class is named rightly. 1 is best."},
    {"frechet_distance", "Fréchet distance",
     "How far the drawn images lie from the real ones in the features of the judge, as two Gaussians. Smaller is "
     "better."},
    {"frechet_distance_train", "Fréchet distance of training images",
     "The same of real images, the training ones: what a perfect copy would have."},
    {"frechet_distance_blurred", "Fréchet distance of blurred images",
     "The same of the real images blurred by half a pixel: how much this judge minds."},
    {"kernel_distance", "Kernel distance",
     "How far apart drawn and real images are by a kernel that bends with the features; zero where none can tell. "
     "Smaller is better. ± is the deviation of its subsets."},
    {"precision", "Precision", "The share of drawn images that lie among the real ones. 1 is best."},
    {"recall", "Recall", "The share of real images that lie among the drawn ones: variety. 1 is best."},
    {"density", "Density", "How many real images' neighbourhoods a drawn one lies in, on the mean; real ones have 1."},
    {"coverage", "Coverage", "The share of real images with a drawn one in their neighbourhood. 1 is best."},
    {"inception_score", "Inception score",
     "High where each drawn image is surely of one class and all classes are drawn alike; the number of classes at "
     "most. ± is the deviation of its ten parts."},
    {"inception_score_real", "Inception score of real images", "The same of real images."},
    {"class_share_min", "Rarest class",
     "The share that the rarest class has among the drawn images. Near zero a class is never drawn."},
    {"class_accuracy", "Class accuracy", "The share of images that were drawn as the class that was asked for."},
    {"sharpness", "Sharpness", "Variance of the Laplacian, a measure of edges; blurred images have less."},
    {"sharpness_real", "Sharpness of real images", "The same of real images."},
    {"nearest_training_distance", "Nearest training image",
     "The median distance from a drawn image to the training image nearest to it, in the features of the judge."},
    {"nearest_training_distance_real", "Nearest training image of real ones",
     "The same of real images that training never saw."},
    {"neighbours", "Drawn images and their nearest training images", ""},
    {"adversarial", "The game", "What each of the two networks makes small. It says nothing about quality."},
    {"told_apart", "Told apart",
     "In how many pairs of a real and a generated image the discriminator takes the real one for it: one half where it "
     "cannot tell, 1 where it has won."},
    {"variety", "Variety",
     "How much generated images differ from each other, as a share of how much real ones do. Near zero is collapse."},
    {"slope", "Slope of the generator's loss",
     "1 where each generated image pulls with full force, 0 where the loss is flat."},
    {"generator_gradient", "The generator's gradient",
     "How strongly either form of the game pulls at the generator, of the same networks and noise."},
    {"r1", "R1 penalty", "The discriminator's squared slope at real images."},
    {"r2", "R2 penalty", "The discriminator's squared slope at generated images."},
    {"gradient_norm", "Gradient", "Length of the gradient before it is cut."},
    {"commitment", "Commitment", "How far the encoder's vectors lie from their codes, as a mean square."},
    {"code_uses", "How often each code is chosen", "The share of all places in all images; dead codes have none."},
    {"codebook", "The codebook", ""},
    {"code_maps", "Code maps", ""},
    {"drawing", "One after the other", ""},
    {"sight", "What each place sees", ""},
    {"bits_per_code", "Bits per code", "Bits that storing one code would take. Smaller is better."},
    {"bits_per_image", "Bits per image",
     "Bits that storing the codes of one image would take, given its class where the model takes one. Smaller is "
     "better."},
    {"kl_nats_per_dimension", "KL divergence of each number of the code",
     "How much each number of the code says about an image, the most telling first. Those near zero are unused."},
};

/// "k" of "iwae_k_nats", empty for another name.
std::string_view importance_samples(std::string_view name) {
  constexpr std::string_view before = "iwae_", after = "_nats";
  if (name.size() <= before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after)) return "";
  return name.substr(before.size(), name.size() - before.size() - after.size());
}

}  // namespace

Words words_of(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) return {std::string(row.title), std::string(row.sentence)};
  if (const auto k = importance_samples(name); !k.empty())
    return {fmt::format("Importance-weighted bound, k = {}", k),
            fmt::format("A tighter bound of the surprise at an image, from {} codes each. Smaller is better.", k)};
  std::string title(name.ends_with("_nats") ? name.substr(0, name.size() - 5) : name);
  for (char& c : title)
    if (c == '_') c = ' ';
  if (!title.empty()) title[0] = char(std::toupper(uint8_t(title[0])));
  return {title, ""};
}

std::string_view unit_of(std::string_view name) {
  return name.ends_with("_nats") || name.find("_nats_per_") != name.npos ? "nats" : "";
}

}  // namespace figment
