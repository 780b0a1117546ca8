#include "apps/belief_propagation.hpp"
#include "apps/denoise.hpp"
#include "apps/engine_run.hpp"

namespace gasket {

Denoised denoise_by_beliefs(const ScopeGraph& grid, const GreyImage& seen, const DenoiseOptions& options,
                            Progress& progress) {
  const ImageField field(seen, options.field);
  const BeliefPropagation<ImageField> program{&field, options.tolerance, options.damping};
  const auto run = run_update_program(grid, program, options.engine, options.seed, progress,
                                      options.sweeps * grid.graph().vertices());
  const auto beliefs = beliefs_of(grid, program, run.edges);
  Denoised denoised{BigArray<std::uint8_t>(grid.masters()), run.record};
  for (LocalId v = 0; v < grid.masters(); ++v) denoised.greys[v] = field.grey(beliefs[v], options.mean);
  return denoised;
}

}  // namespace gasket
