package org.policyledger.api.projection;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.Generations;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Holds each request to one generation of the readings, from its beginning to its end. */
@Component
class OneGeneration extends OncePerRequestFilter {

    private final Catchup catchup;

    OneGeneration(Catchup catchup) {
        this.catchup = catchup;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Generations.Lease held = catchup.generations().lease();
        try {
            chain.doFilter(request, response);
        } finally {
            held.close();
        }
    }
}
