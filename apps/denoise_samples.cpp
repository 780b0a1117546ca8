#include "apps/denoise.hpp"
#include "apps/engine_run.hpp"
#include "apps/gibbs_sampler.hpp"

namespace gasket {

Denoised denoise_by_samples(const ScopeGraph& grid, const GreyImage& seen, const DenoiseOptions& options,
                            Progress& progress) {
  using Sampler = GibbsSampler<ImageField>;
  const ImageField field(seen, options.field);
  BigArray<Sampler::Counts> counts(grid.masters());
  const auto draws = static_cast<std::uint32_t>(options.sweeps);
  const Sampler program{&field, counts.data(), draws, draws / 5};
  const auto run = run_update_program(grid, program, options.engine, options.seed, progress);
  Denoised denoised{BigArray<std::uint8_t>(grid.masters()), run.record};
  for (LocalId v = 0; v < grid.masters(); ++v) denoised.greys[v] = field.grey(counts[v], options.mean);
  return denoised;
}

}  // namespace gasket
