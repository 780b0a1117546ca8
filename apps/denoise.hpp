#pragma once
// The two ways to denoise a picture, each in a file of its own.

#include "apps/engine_options.hpp"
#include "apps/image_field.hpp"
#include "apps/progress.hpp"
#include "engine/scope/scope_graph.hpp"

namespace gasket {

struct DenoiseOptions {
  ImageFieldOptions field;
  EngineOptions engine;
  bool mean = true;            // of a pixel's levels; else the most likely one
  std::uint64_t sweeps = 100;  // gibbs: draws per pixel; bp: stops after so many updates per pixel
  double tolerance = 1e-3;     // bp
  double damping = 0;          // bp
  std::uint64_t seed = 1;
};

struct Denoised {
  BigArray<std::uint8_t> greys;  // of the masters, by local id
  AsyncRecord record;
};

/// By the beliefs of loopy belief propagation. Collective.
Denoised denoise_by_beliefs(const ScopeGraph& grid, const GreyImage& seen, const DenoiseOptions& options,
                            Progress& progress);
/// By how often Gibbs sampling draws a level; the first fifth of the draws does not count. Collective.
Denoised denoise_by_samples(const ScopeGraph& grid, const GreyImage& seen, const DenoiseOptions& options,
                            Progress& progress);

}  // namespace gasket
